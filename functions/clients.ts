import { secretsManager } from './adapters/aws/secrets.ts';
import { lambdaSteps } from './adapters/aws/steps.ts';
import { databaseSecret, openDatabase } from './adapters/postgres/connection.ts';
import { needed, readEnvironment } from './env.ts';
import { once } from './once.ts';

/** What every step needs. A server is reached at its first use; the others have files of their own, to keep bundles small. */
export function clientsOf() {
  const env = readEnvironment();
  const secrets = secretsManager();
  const secretName = () => needed(env, 'DATABASE_SECRET');
  const secret = () => secrets.read(secretName(), databaseSecret);
  return {
    env,
    secrets,
    database: once(() => openDatabase(secret, () => secrets.forget(secretName()))),
    steps: lambdaSteps(env.FUNCTION_PREFIX),
  };
}

export type Clients = ReturnType<typeof clientsOf>;
