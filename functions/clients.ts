import { PipelineError } from '../streaming/errors.ts';
import { folderArtifacts } from './adapters/artifacts/folder.ts';
import { emrServerless } from './adapters/aws/jobs.ts';
import { secretsManager } from './adapters/aws/secrets.ts';
import { lambdaSteps } from './adapters/aws/steps.ts';
import { openTables, tableSecret } from './adapters/cassandra/tables.ts';
import { kafkaClient, topicSecret } from './adapters/kafka/client.ts';
import { kafkaTopic } from './adapters/kafka/topic.ts';
import { databaseSecret, openDatabase } from './adapters/postgres/connection.ts';
import { confluentRegistry } from './adapters/registry/confluent.ts';
import { type Environment, readEnvironment } from './env.ts';

/** The real servers, each reached at its first use and kept for the life of the process. */
export function clientsOf(env: Environment = readEnvironment()) {
  const secrets = secretsManager();
  const databaseOf = () => secrets.read(env.DATABASE_SECRET, databaseSecret);
  return {
    env,
    secrets,
    database: once(() => openDatabase(databaseOf, () => secrets.forget(env.DATABASE_SECRET))),
    topic: once(async () => kafkaTopic(kafkaClient(await secrets.read(env.TOPIC_SECRET, topicSecret)))),
    tables: once(async () => openTables(await secrets.read(env.TABLE_SECRET, tableSecret))),
    registry: once(async () => confluentRegistry(needed(env, 'REGISTRY_URL'))),
    artifacts: once(async () => folderArtifacts(needed(env, 'ARTIFACTS'))),
    jobs: once(async () =>
      emrServerless({
        applicationId: env.JOB_APPLICATION,
        roleArn: env.JOB_ROLE_ARN,
        entryPoint: needed(env, 'JOB_ENTRY_POINT'),
        sparkParameters: env.JOB_SPARK_PARAMETERS,
      }),
    ),
    steps: lambdaSteps(env.FUNCTION_PREFIX),
  };
}

/** A setting that only some steps need, and this one does. */
export function needed<K extends keyof Environment>(env: Environment, name: K): NonNullable<Environment[K]> {
  const value = env[name];
  if (value !== undefined) return value as NonNullable<Environment[K]>;
  throw new PipelineError(`environment: expected ${name}, got nothing; the stack or the local runner sets it`, {
    code: 'bad_request',
    at: 'source',
    retriable: false,
  });
}

/** Keeps the first answer; a failure is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
