import { type AvroSchema, avroSchemaOf, incompatibility } from './avro.ts';
import type { Definition } from './definition.ts';
import { clusteringOf, columnsOf } from './tables.ts';

/**
 * What a definition has promised so far, kept in files beside it: every version of its schema, and of every table the
 * key and the expression of each column. A change is judged against it before it meets data.
 */
export interface History {
  /** Oldest first. */
  readonly schemas: readonly AvroSchema[];
  readonly tables: Readonly<Record<string, KeptTable>>;
}

export interface KeptTable {
  readonly key: string;
  /** Column -> its type and Spark SQL. */
  readonly columns: Readonly<Record<string, string>>;
}

export const noHistory: History = { schemas: [], tables: {} };

/** The primary key in CQL, with its order. */
export function keyTextOf(table: Definition['tables'][string]): string {
  const clustering = clusteringOf(table).map(({ name, descending }) => (descending ? `${name} DESC` : name));
  return [`(${table.partition.join(', ')})`, ...clustering].join(', ');
}

/** Type and expression of a column: what its cells mean. */
export const columnTextOf = ({ type, sql }: { readonly type: string; readonly sql: string }) => `${type} ${sql}`;

/** What a definition breaks of its promises, for a reader: what, expected, got, and the way out. */
export function brokenPromises(pipeline: Definition, history: History): string[] {
  return [...brokenSchemas(pipeline, history), ...brokenTables(pipeline, history)];
}

function brokenSchemas(pipeline: Definition, { schemas }: History): string[] {
  const schema = avroSchemaOf(pipeline);
  return schemas.flatMap((kept, index) => {
    const problem = incompatibility(kept, schema);
    if (problem === undefined) return [];
    return [
      `${pipeline.name}: record: expected one that version ${index + 1} of its schema can read and be read by, ` +
        `got one where it cannot (${problem}); a field that is added or removed must be nullable or have a default, ` +
        'and a field that changes its type is a new field under another name',
    ];
  });
}

function brokenTables(pipeline: Definition, { tables }: History): string[] {
  return Object.entries(tablesOf(pipeline)).flatMap(([name, table]) => {
    const kept = tables[name];
    if (kept === undefined) return [];
    const where = `${pipeline.name}: tables.${name}`;
    const key = kept.key === table.key ? [] : [`${where}: expected the key ${kept.key}, got ${table.key}; ${newTable}`];
    const columns = Object.entries(table.columns)
      .filter(([column, text]) => (kept.columns[column] ?? text) !== text)
      .map(([column, text]) => `${where}.${column}: expected ${kept.columns[column]}, got ${text}; ${newColumn}`);
    return [...key, ...columns];
  });
}

const newTable = 'a key never changes: define a table under another name, which is filled from now on';
const newColumn = 'rows are full of the old one: give the new expression a column of its own under another name';

/** The history with all that the definition has gained; nothing is ever taken out, so that no name gets a second meaning. */
export function historyWith(pipeline: Definition, { schemas, tables }: History): History {
  const schema = avroSchemaOf(pipeline);
  const isNew = JSON.stringify(schemas.at(-1)) !== JSON.stringify(schema);
  const grown = Object.entries(tablesOf(pipeline)).map(([name, table]) => [
    name,
    { key: table.key, columns: { ...tables[name]?.columns, ...table.columns } },
  ]);
  return { schemas: isNew ? [...schemas, schema] : schemas, tables: { ...tables, ...Object.fromEntries(grown) } };
}

/** What the definition has gained since, for a reader. */
export function gains(pipeline: Definition, history: History): string[] {
  const next = historyWith(pipeline, history);
  const schema = next.schemas.length > history.schemas.length ? [`version ${next.schemas.length} of its schema`] : [];
  const tables = Object.entries(next.tables).flatMap(([name, { columns }]) => {
    const kept = history.tables[name];
    if (kept === undefined) return [`table ${name}`];
    return Object.keys(columns)
      .filter((column) => kept.columns[column] === undefined)
      .map((column) => `column ${name}.${column}`);
  });
  return [...schema, ...tables];
}

function tablesOf(pipeline: Definition): Record<string, KeptTable> {
  return Object.fromEntries(
    Object.entries(pipeline.tables).map(([name, table]) => {
      const columns = columnsOf(pipeline, table).map((column) => [column.name, columnTextOf(column)]);
      return [name, { key: keyTextOf(table), columns: Object.fromEntries(columns) }];
    }),
  );
}
