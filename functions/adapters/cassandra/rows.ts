import type { Definition } from '../../../streaming/definition.ts';
import type { TableRows } from '../../rebuild/rebuilds.ts';
import { sureCellOf } from './presence.ts';
import { columns, run, type Statements } from './tables.ts';

/** As many rows as tell a filled table from a new one: the first by token, which is any. */
const sampled = 1000;

/** What the tables of a pipeline hold. The client reads bigints as such, and knows the keyspace. */
export function rowsOf(client: Statements, pipeline: Definition): TableRows {
  return {
    exists: async (table) => (await columns(client, table)).size > 0,
    async written(table) {
      const cell = sureCellOf(pipeline, table);
      const [first] = pipeline.tables[table]?.partition ?? [];
      const asked = cell === undefined ? first : `writetime(${cell}) AS written`;
      const { rows } = await run(client, `SELECT ${asked} FROM ${table} LIMIT ${sampled}`);
      return rows.map((row) => (typeof row['written'] === 'bigint' ? Number(row['written']) : null));
    },
  };
}
