import { secretsManager } from './adapters/aws/secrets.ts';
import { openDatabase } from './adapters/postgres/connection.ts';
import { databaseLogin } from './adapters/postgres/login.ts';
import { readEnvironment } from './env.ts';
import { lazily, once } from './once.ts';

/** What every step needs. A server is reached at its first use; the others have files of their own, to keep bundles small. */
export function clientsOf() {
  const env = readEnvironment();
  const secrets = secretsManager();
  const login = lazily(() => databaseLogin(env, secrets));
  return {
    env,
    secrets,
    login,
    database: once(() => openDatabase(login().read, login().forget)),
  };
}

export type Clients = ReturnType<typeof clientsOf>;
