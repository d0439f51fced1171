import type { Definition, PipelineRecord } from '../../../streaming/definition.ts';
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

/** Asks how a table has landed records. The client reads bigints as such, and knows the keyspace. */
export function presenceIn(client: Statements, pipeline: Definition, tableName: string) {
  const table = pipeline.tables[tableName];
  if (table === undefined) throw new RangeError(`table: ${tableName} is none of ${pipeline.name}`);
  const keyNames = keyNamesOf(table);
  const types = new Map(columnsOf(pipeline, table).map((column) => [column.name, column.type]));
  const cell = columnsOf(pipeline, table).find(
    ({ name }) => !keyNames.includes(name) && !pipeline.record[name]?.isNullable,
  );
  const where = keyNames.map((name) => `${name} = ?`).join(' AND ');
  // Where every other column may be null no cell is sure to have a write time: the row itself has to do.
  const asked = cell === undefined ? keyNames[0] : `writetime(${cell.name}) AS written`;
  const query = `SELECT ${asked} FROM ${tableName} WHERE ${where}`;
  return async ({ key, version }: LandedKey): Promise<Presence> => {
    const values = keyOf(table, key);
    const params = keyNames.map((name) =>
      types.get(name) === 'timestamp' ? new Date(Number(values[name])) : values[name],
    );
    const { rows } = await run(client, query, params);
    if (rows.length === 0) return 'missing';
    if (cell === undefined) return 'present';
    const written = rows[0]?.['written'] as bigint | null | undefined;
    return written !== null && written !== undefined && written >= BigInt(version) ? 'present' : 'older';
  };
}
