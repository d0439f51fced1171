import { bucketSql, bucketValue } from './buckets.ts';
import type { Definition, PipelineRecord, Scalar, TableDefinition } from './definition.ts';
import type { Bucket, Field, FieldType } from './fields.ts';

/** A table as its readers need it: every column with its type and where its value comes from. */
export interface Column {
  readonly name: string;
  readonly type: FieldType;
  /** Type of a list's elements. */
  readonly element?: FieldType;
  /** Spark SQL over the record's fields. */
  readonly sql: string;
}

export const isBucket = (column: Field | Bucket): column is Bucket => 'bucket' in column;

/** Names of the clustering columns, with their order. */
export function clusteringOf(
  table: TableDefinition,
): readonly { readonly name: string; readonly descending: boolean }[] {
  return (table.cluster ?? []).map((entry) =>
    typeof entry === 'string' ? { name: entry, descending: false } : { name: entry.column, descending: true },
  );
}

/** Names of the primary key's columns: partition key first. */
export function keyNamesOf(table: TableDefinition): readonly string[] {
  return [...table.partition, ...clusteringOf(table).map(({ name }) => name)];
}

/** The table's columns: key first, then the record's fields in their order, then the computed ones. */
export function columnsOf(pipeline: Definition, table: TableDefinition): readonly Column[] {
  const fields = (table.only ?? Object.keys(pipeline.record)).map((name) => fieldColumn(pipeline, name));
  const computed = Object.entries(table.columns ?? {}).map(([name, column]) => computedColumn(name, column));
  const all = new Map([...fields, ...computed].map((column) => [column.name, column]));
  const key = keyNamesOf(table).flatMap((name) => all.get(name) ?? []);
  return [...new Set([...key, ...all.values()])];
}

function fieldColumn(pipeline: Definition, name: string): Column {
  const field = pipeline.record[name];
  return { name, ...typeOf(field), sql: name };
}

function computedColumn(name: string, column: Field | Bucket): Column {
  if (isBucket(column)) return { name, type: 'text', sql: bucketSql(column) };
  return { name, ...typeOf(column), sql: computedSql(column) };
}

function computedSql({ type, from, precision, scale }: Field): string {
  // Spark finds a precision and scale of its own for an expression.
  if (type === 'decimal') return `cast(${from} AS decimal(${precision}, ${scale}))`;
  // Cassandra refuses NULL within a list, and with it the whole batch.
  return type === 'list' ? `array_compact(${from})` : from;
}

function typeOf(field: Field | undefined): Pick<Column, 'type' | 'element'> {
  if (field === undefined) return { type: 'text' };
  return field.element === undefined ? { type: field.type } : { type: field.type, element: field.element.type };
}

/**
 * The primary key under which a record lies in a table. A key holds only fields and buckets, so that it can be computed
 * here as well as in Spark: to look a row up, to verify it, to erase it.
 */
export function keyOf(table: TableDefinition, record: PipelineRecord): Readonly<Record<string, Scalar | null>> {
  return Object.fromEntries(keyNamesOf(table).map((name) => [name, keyValue(table, name, record)]));
}

function keyValue(table: TableDefinition, name: string, record: PipelineRecord): Scalar | null {
  const column = table.columns?.[name];
  if (column === undefined || !isBucket(column)) {
    const value = record[name];
    return typeof value === 'object' || value === undefined ? null : value;
  }
  return bucketValue(column.bucket, Number(record[column.of]));
}

/** The record's fields that the keys of all its tables are made of. */
export function keyFieldsOf(pipeline: Definition): readonly string[] {
  const names = Object.values(pipeline.tables).flatMap((table) =>
    keyNamesOf(table).map((name) => {
      const column = table.columns?.[name];
      return column !== undefined && isBucket(column) ? column.of : name;
    }),
  );
  return [...new Set(names)];
}
