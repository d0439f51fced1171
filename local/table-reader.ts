import cassandra from 'cassandra-driver';
import type { Definition, PipelineRecord } from '../streaming/definition.ts';
import { keyspace } from '../streaming/names.ts';
import { columnsOf, keyNamesOf, keyOf } from '../streaming/tables.ts';

export interface TableEndpoint {
  readonly host: string;
  readonly port: number;
  readonly datacenter: string;
  readonly user: string;
  readonly password: string;
}

/** A client of the tables for somebody who may only look. */
export async function connectReader({
  host,
  port,
  datacenter,
  user,
  password,
}: TableEndpoint): Promise<cassandra.Client> {
  const client = new cassandra.Client({
    contactPoints: [`${host}:${port}`],
    localDataCenter: datacenter,
    credentials: { username: user, password },
    keyspace,
    queryOptions: { prepare: true, consistency: cassandra.types.consistencies.localQuorum },
    encoding: { useBigIntAsLong: true },
  });
  await client.connect();
  return client;
}

export interface LandedKey {
  /** Version of the record, in microseconds: the write time that its cells must have, or a later one. */
  readonly version: number;
  /** The record's fields that the keys of its tables are made of. */
  readonly key: PipelineRecord;
}

/** Asks whether a landed record is in a table, at its version or a later one. */
export function presenceIn(client: cassandra.Client, pipeline: Definition, tableName: string) {
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
  return async ({ key, version }: LandedKey): Promise<boolean> => {
    const values = keyOf(table, key);
    const params = keyNames.map((name) =>
      types.get(name) === 'timestamp' ? new Date(Number(values[name])) : values[name],
    );
    const { rows } = await client.execute(query, params);
    if (cell === undefined) return rows.length > 0;
    const written = rows[0]?.['written'] as bigint | null | undefined;
    return written !== null && written !== undefined && written >= BigInt(version);
  };
}
