import cassandra from 'cassandra-driver';
import { keyspace } from '../../../streaming/names.ts';
import type { TableSecret } from './tables.ts';

/** A client that reads the rows of Cassandra. */
export function tableReader({ host, port, datacenter, user, password }: TableSecret): cassandra.Client {
  return new cassandra.Client({
    contactPoints: [`${host}:${port}`],
    localDataCenter: datacenter,
    credentials: { username: user, password },
    keyspace,
    queryOptions: { consistency: cassandra.types.consistencies.localQuorum, isIdempotent: true },
    socketOptions: { connectTimeout: 10_000, readTimeout: 30_000 },
    encoding: { useBigIntAsLong: true },
  });
}
