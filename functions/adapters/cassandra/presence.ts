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

/** Rows that one question may be about: Keyspaces asks for every combination of the values in its INs, and takes so many. */
const mostCombinations = 100;
/** Keys of these types read the same from a table as they landed. */
const comparable: ReadonlySet<FieldType | undefined> = new Set(['uuid', 'text', 'int', 'long', 'timestamp']);

/**
 * Asks how a table has landed records: together where they differ only in the columns that an IN may name, else one by
 * one. The client reads bigints as such, and knows the keyspace.
 */
export function presenceIn(client: Statements, pipeline: Definition, tableName: string) {
  const { names, apart, select, paramsOf, judge } = questionsOf(pipeline, tableName);
  const shared = names.length - apart;
  const atOnce = apart === 0 ? 1 : Math.floor(mostCombinations ** (1 / apart));
  const one = async (row: LandedKey) => {
    const where = names.map((name) => `${name} = ?`).join(' AND ');
    const { rows } = await run(client, `${select} WHERE ${where}`, paramsOf(row));
    return judge(row, rows[0]);
  };
  const many = async (asked: readonly LandedKey[]) => {
    const keys = asked.map(paramsOf);
    const list = keys.map(() => '?').join(', ');
    const where = names.map((name, index) => (index < shared ? `${name} = ?` : `${name} IN (${list})`));
    const values = names.flatMap((_, index) => (index < shared ? [keys[0]?.[index]] : keys.map((key) => key[index])));
    const { rows } = await run(client, `${select} WHERE ${where.join(' AND ')}`, values);
    const found = new Map(rows.map((row) => [textOf(names.slice(shared).map((name) => row[name])), row]));
    return asked.map((row, index) => judge(row, found.get(textOf(keys[index]?.slice(shared) ?? []))));
  };
  return {
    /** Puts rows, by their index, together that one question can be about. */
    together: (rows: readonly LandedKey[]) =>
      inGroups(rows, atOnce, (row) => (apart === 0 ? '' : textOf(paramsOf(row).slice(0, shared)))),
    of: (rows: readonly LandedKey[]): Promise<readonly Presence[]> =>
      rows.length > 1 && atOnce > 1 ? many(rows) : Promise.all(rows.map(one)),
  };
}

/** Indexes of rows, by what they share, so many at most in one group. */
function inGroups(rows: readonly LandedKey[], most: number, sharedOf: (row: LandedKey) => string) {
  const groups: number[][] = [];
  const open = new Map<string, number[]>();
  for (const [index, row] of rows.entries()) {
    const shared = sharedOf(row);
    const group = open.get(shared);
    if (group !== undefined && group.length < most) group.push(index);
    else {
      const next = [index];
      open.set(shared, next);
      groups.push(next);
    }
  }
  return groups;
}

/** Values of a key as one text; a time is the same however it is held. */
const textOf = (values: readonly unknown[]) =>
  JSON.stringify(values.map((value) => (value instanceof Date ? String(value.getTime()) : String(value))));

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
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const cell = sureCellOf(pipeline, tableName);
  // Where every other column may be null no cell is sure to have a write time: the row itself has to do.
  const written = cell === undefined ? '' : `, writetime(${cell}) AS written`;
  // The partition is read as one; where it is the whole key and a single column, many are.
  const last = names.slice(names.length === 1 ? 0 : table.partition.length);
  return {
    names,
    /** How many columns at the end of the key may differ between records of one question. */
    apart: last.every((name) => comparable.has(types.get(name))) ? last.length : 0,
    select: `SELECT ${(last.length > 0 ? last : names).join(', ')}${written} FROM ${tableName}`,
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
