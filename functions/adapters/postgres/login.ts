import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Environment, needed, readSigner } from '../../env.ts';
import { lazily } from '../../once.ts';
import type { Secrets } from '../aws/secrets.ts';
import { rdsToken } from '../aws/sigv4.ts';
import { type DatabaseSecret, databaseSecret } from './connection.ts';

/** Where PostgreSQL is and how one logs in there. */
export interface DatabaseLogin {
  /** Asked at every connection: a token lives for minutes. */
  read(): Promise<DatabaseSecret>;
  /** The password was refused: the next read asks for a fresh one. */
  forget(): void;
}

/** As RDS makes it for the master user, and rotates it. */
const managedSecret = z.object({ username: z.string(), password: z.string() });

/** The login that the environment names: a secret that says everything, or RDS by its own secret or by IAM. */
export function databaseLogin(env: Environment, secrets: Secrets): DatabaseLogin {
  if (env.DATABASE_HOST === undefined) {
    const name = () => needed(env, 'DATABASE_SECRET');
    return { read: () => secrets.read(name(), databaseSecret), forget: () => secrets.forget(name()) };
  }
  const { DATABASE_HOST: host, DATABASE_PORT: port, DATABASE_NAME: database, DATABASE_SECRET: secret } = env;
  const ca = lazily(() => readFileSync(join(env.LAMBDA_TASK_ROOT, 'rds-ca.pem'), 'utf8'));
  if (secret === undefined) {
    const user = needed(env, 'DATABASE_USER');
    const password = () => rdsToken({ host, port, user }, readSigner(env));
    return {
      read: async () => ({ host, port, database, user, password: password(), ca: ca() }),
      forget: () => undefined,
    };
  }
  return {
    read: async () => {
      const { username: user, password } = await secrets.read(secret, managedSecret);
      return { host, port, database, user, password, ca: ca() };
    },
    forget: () => secrets.forget(secret),
  };
}
