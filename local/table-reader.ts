import cassandra from 'cassandra-driver';
import { presenceIn as howIn, type LandedKey } from '../functions/adapters/cassandra/presence.ts';
import type { Definition } from '../streaming/definition.ts';
import { keyspace } from '../streaming/names.ts';

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
    socketOptions: { connectTimeout: 10_000, readTimeout: 30_000 },
  });
  await client.connect();
  return client;
}

/** Asks whether a landed record is in a table, at its version or a later one. */
export function presenceIn(client: cassandra.Client, pipeline: Definition, tableName: string) {
  const presence = howIn(client, pipeline, tableName);
  return async (key: LandedKey): Promise<boolean> => (await presence.of([key]))[0] === 'present';
}
