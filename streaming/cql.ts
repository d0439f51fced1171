import type { Definition } from './definition.ts';
import type { FieldType } from './fields.ts';
import { keyspace } from './names.ts';
import { type Column, clusteringOf, columnsOf, keyNamesOf } from './tables.ts';

const cqlTypes: Readonly<Record<Exclude<FieldType, 'list'>, string>> = {
  uuid: 'uuid',
  text: 'text',
  int: 'int',
  long: 'bigint',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  decimal: 'decimal',
};

/** A column's type as Cassandra itself writes it. A list that is not frozen would grow with every replay. */
export function cqlTypeOf({ type, element = 'text' }: Pick<Column, 'type' | 'element'>): string {
  if (type !== 'list') return cqlTypes[type];
  return `frozen<list<${cqlTypeOf({ type: element })}>>`;
}

/** One server, one copy: the local stand-in for Keyspaces, which keeps three by itself. */
export function keyspaceCql(): string {
  return `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`;
}

/** A column as Cassandra knows it. */
export interface CqlColumn {
  readonly name: string;
  readonly type: string;
}

/** A table as it must be, wherever it is made: by `prepare` on this machine, by CloudFormation on AWS. */
export interface TableShape {
  readonly name: string;
  readonly partition: readonly CqlColumn[];
  readonly cluster: readonly (CqlColumn & { readonly order: 'ASC' | 'DESC' })[];
  /** Columns beside the key. */
  readonly others: readonly CqlColumn[];
}

/** The shape of a pipeline's table. */
export function shapeOf(pipeline: Definition, name: string): TableShape {
  const table = pipeline.tables[name];
  if (table === undefined)
    throw new RangeError(`table: expected one of ${Object.keys(pipeline.tables).join(', ')}, got ${name}`);
  const columns = columnsOf(pipeline, table).map((column) => ({ name: column.name, type: cqlTypeOf(column) }));
  const clustering = clusteringOf(table);
  // The key comes first.
  const keyed = columns.slice(table.partition.length);
  return {
    name,
    partition: columns.slice(0, table.partition.length),
    cluster: clustering.map(({ descending }, index) => ({
      ...(keyed[index] as CqlColumn),
      order: descending ? 'DESC' : 'ASC',
    })),
    others: keyed.slice(clustering.length),
  };
}

/** Creates a table of a pipeline. No default time to live: every row is written with what is left of its own. */
export function tableCqlOf(pipeline: Definition, name: string): string {
  const { partition, cluster, others } = shapeOf(pipeline, name);
  const columns = [...partition, ...cluster, ...others].map((column) => `  ${column.name} ${column.type}`);
  const names = (of: readonly CqlColumn[]) => of.map((column) => column.name);
  const key = [`(${names(partition).join(', ')})`, ...names(cluster)].join(', ');
  const order = cluster.map((column) => `${column.name} ${column.order}`).join(', ');
  const lines = [...columns, `  PRIMARY KEY (${key})`].join(',\n');
  const withOrder = order === '' ? '' : ` WITH CLUSTERING ORDER BY (${order})`;
  return `CREATE TABLE IF NOT EXISTS ${keyspace}.${name} (\n${lines}\n)${withOrder}`;
}

/** Adds a column that a definition has gained. */
export function addColumnCql(table: string, column: Column): string {
  return `ALTER TABLE ${keyspace}.${table} ADD ${column.name} ${cqlTypeOf(column)}`;
}

/** No decimal and no list: neither is ever part of a key. */
const zeros: Readonly<Partial<Record<FieldType, string>>> = {
  uuid: '00000000-0000-0000-0000-000000000000',
  text: "'0'",
  int: '0',
  long: '0',
  double: '0',
  boolean: 'false',
  timestamp: '0',
};

/** A write that changes nothing: it deletes, as of the first microsecond of 1970, a row that nobody wrote. */
export function fenceCqlOf(pipeline: Definition): string {
  const [first] = Object.entries(pipeline.tables);
  if (first === undefined) throw new RangeError(`pipeline ${pipeline.name}: expected a table, got none`);
  const [name, table] = first;
  const types = new Map(columnsOf(pipeline, table).map((column) => [column.name, column.type]));
  const key = keyNamesOf(table).map((column) => `${column} = ${zeros[types.get(column) ?? 'text']}`);
  return `DELETE FROM ${keyspace}.${name} USING TIMESTAMP 1 WHERE ${key.join(' AND ')}`;
}
