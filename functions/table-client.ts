import { keyspacesReader } from './adapters/cassandra/keyspaces.ts';
import { tableReader } from './adapters/cassandra/reader.ts';
import { tableSecret } from './adapters/cassandra/tables.ts';
import type { Clients } from './clients.ts';
import { needed, readSigner } from './env.ts';
import { once } from './once.ts';

/** Cassandra, reached at the first use and kept for the life of the process: Keyspaces by IAM, or a secret that says everything. */
export const tableClient = ({ env, secrets }: Pick<Clients, 'env' | 'secrets'>) =>
  once(async () => {
    if (env.TABLE_HOST !== undefined) return keyspacesReader(env.TABLE_HOST, () => readSigner(env));
    return tableReader(await secrets.read(needed(env, 'TABLE_SECRET'), tableSecret));
  });
