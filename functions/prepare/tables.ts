import { createHash } from 'node:crypto';
import { addColumnCql, cqlTypeOf, tableCqlOf } from '../../streaming/cql.ts';
import type { Definition } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { columnTextOf, keyTextOf } from '../../streaming/history.ts';
import { type Column, columnsOf } from '../../streaming/tables.ts';
import type { Tables } from '../adapters/cassandra/tables.ts';
import type { Groundwork } from './prepare.ts';

export interface TablesAnswer {
  readonly tables: readonly string[];
  readonly columns: readonly string[];
}

type Hashes = ReadonlyMap<string, string>;

/** Creates a pipeline's tables and adds columns that they lack; answers what was created. */
export async function readyTables(pipeline: Definition, tables: Tables, groundwork: Groundwork): Promise<TablesAnswer> {
  const wanted = Object.entries(pipeline.tables).map(([name, table]) => ({
    name,
    columns: columnsOf(pipeline, table),
    key: keyTextOf(table),
  }));
  const onFile = await groundwork.expressions(wanted.map(({ name }) => name));
  // All of them first: a refused definition changes no table.
  for (const { name, columns, key } of wanted) {
    refuseChanged(name, columns, onFile);
    refuseOtherKey(name, key, onFile);
  }
  const created = { tables: [] as string[], columns: [] as string[] };
  for (const { name, columns, key } of wanted) {
    const added = await readyTable(pipeline, name, columns, tables);
    if (added === 'table') created.tables.push(name);
    else created.columns.push(...added.map((column) => `${name}.${column}`));
    const hashes = columns.map((column) => [column.name, hashOf(column)] as const);
    await groundwork.keepExpressions(name, new Map([...hashes, [primaryKey, hashed(key)]]));
  }
  return created;
}

async function readyTable(pipeline: Definition, name: string, columns: readonly Column[], tables: Tables) {
  const present = await tables.columns(name);
  if (present.size === 0) {
    await tables.execute(tableCqlOf(pipeline, name));
    return 'table';
  }
  const lacking = columns.filter((column) => !present.has(column.name));
  refuseOtherTypes(name, columns, present);
  for (const column of lacking) await tables.execute(addColumnCql(name, column));
  return lacking.map((column) => column.name);
}

/** Content is a function of version: a cell written by another expression under the same version would mix with the old. */
function refuseChanged(table: string, columns: readonly Column[], onFile: Hashes): void {
  const changed = columns.find((column) => {
    const known = onFile.get(`${table}.${column.name}`);
    return known !== undefined && known !== hashOf(column);
  });
  if (changed === undefined) return;
  throw columnChanged(
    `${table}.${changed.name}: expected the expression that filled it so far, got ${JSON.stringify(changed.sql)}`,
  );
}

function refuseOtherKey(table: string, key: string, onFile: Hashes): void {
  const known = onFile.get(`${table}.${primaryKey}`);
  if (known === undefined || known === hashed(key)) return;
  throw new PipelineError(
    `table ${table}: expected the key it was made with, got ${key}; a key never changes: define a table under another name`,
    { code: 'column_changed', at: 'table', retriable: false },
  );
}

function refuseOtherTypes(table: string, columns: readonly Column[], present: Hashes): void {
  const other = columns.find((column) => present.has(column.name) && present.get(column.name) !== cqlTypeOf(column));
  if (other === undefined) return;
  throw columnChanged(
    `${table}.${other.name}: expected type ${present.get(other.name)} as in Cassandra, got ${cqlTypeOf(other)}`,
  );
}

function columnChanged(what: string): PipelineError {
  return new PipelineError(
    `column ${what}; a column never changes: give the new one another name, or define a new table and rebuild into it`,
    { code: 'column_changed', at: 'table', retriable: false },
  );
}

/** Kept like a column: no column has a blank in its name. */
const primaryKey = 'primary key';
const hashed = (text: string) => createHash('sha256').update(text).digest('hex');
const hashOf = (column: Column) => hashed(columnTextOf(column));
