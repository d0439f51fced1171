import type { Definition, PipelineRecord } from '../../../streaming/definition.ts';
import type { FieldType } from '../../../streaming/fields.ts';
import { columnsOf, keyNamesOf, keyOf } from '../../../streaming/tables.ts';
import { run, type Statements } from './tables.ts';

export interface LandedKey {
  /** Version of the record, in microseconds: the write time that its cells must have, or a later one. */
  readonly version: number;
  /** The record's fields that the keys of its tables are made of. */
  readonly key: PipelineRecord;
}

/** How a table has a landed record: at its version or a later one, at an older one only, or not at all. */
export type Presence = 'present' | 'older' | 'missing';

/** Values that Keyspaces takes in one IN. */
const mostInValues = 100;
/** Keys of these types read the same from a table as they landed. */
const comparable: ReadonlySet<FieldType | undefined> = new Set(['uuid', 'text', 'int', 'long']);

/**
 * Asks how a table has landed records: many at a time where a single column is the key, else one by one. The client
 * reads bigints as such, and knows the keyspace.
 */
export function presenceIn(client: Statements, pipeline: Definition, tableName: string) {
  const { first, isSingle, where, select, paramsOf, judge } = questionsOf(pipeline, tableName);
  const one = async (row: LandedKey) => {
    const { rows } = await run(client, `${select} WHERE ${where}`, paramsOf(row));
    return judge(row, rows[0]);
  };
  const many = async (asked: readonly LandedKey[]) => {
    const values = asked.map((row) => paramsOf(row)[0]);
    const { rows } = await run(client, `${select} WHERE ${first} IN (${values.map(() => '?').join(', ')})`, values);
    const found = new Map(rows.map((row) => [String(row[first]), row]));
    return asked.map((row, index) => judge(row, found.get(String(values[index]))));
  };
  return {
    atOnce: isSingle ? mostInValues : 1,
    of: (rows: readonly LandedKey[]): Promise<readonly Presence[]> =>
      rows.length > 1 && isSingle ? many(rows) : Promise.all(rows.map(one)),
  };
}

/** A column that no row lacks, whose write time is the row's; undefined where every column may be null. */
export function sureCellOf(pipeline: Definition, tableName: string): string | undefined {
  const table = pipeline.tables[tableName];
  if (table === undefined) return undefined;
  const names = keyNamesOf(table);
  return columnsOf(pipeline, table).find(({ name }) => !names.includes(name) && !pipeline.record[name]?.isNullable)
    ?.name;
}

/** What is asked of a table, and how its answer is read. */
function questionsOf(pipeline: Definition, tableName: string) {
  const table = pipeline.tables[tableName];
  if (table === undefined) throw new RangeError(`table: ${tableName} is none of ${pipeline.name}`);
  const columns = columnsOf(pipeline, table);
  const names = keyNamesOf(table);
  const [first = '', ...others] = names;
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const cell = sureCellOf(pipeline, tableName);
  // Where every other column may be null no cell is sure to have a write time: the row itself has to do.
  const written = cell === undefined ? '' : `, writetime(${cell}) AS written`;
  return {
    first,
    isSingle: others.length === 0 && comparable.has(types.get(first)),
    where: names.map((name) => `${name} = ?`).join(' AND '),
    select: `SELECT ${first}${written} FROM ${tableName}`,
    paramsOf({ key }: LandedKey): readonly unknown[] {
      const values = keyOf(table, key);
      return names.map((name) => (types.get(name) === 'timestamp' ? new Date(Number(values[name])) : values[name]));
    },
    judge({ version }: LandedKey, row: Row | undefined): Presence {
      if (row === undefined) return 'missing';
      if (cell === undefined) return 'present';
      const at = row['written'] as bigint | null | undefined;
      return at !== null && at !== undefined && at >= BigInt(version) ? 'present' : 'older';
    },
  };
}

type Row = Readonly<Record<string, unknown>>;
