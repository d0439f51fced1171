import { join } from 'node:path';
import { z } from 'zod';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { folderArtifacts } from '../adapters/artifacts/folder.ts';
import { openTables, tableSecret } from '../adapters/cassandra/tables.ts';
import { kafkaClient, topicSecret } from '../adapters/kafka/client.ts';
import { giveTopicRights } from '../adapters/kafka/rights.ts';
import { kafkaTopic } from '../adapters/kafka/topic.ts';
import { databaseSecret } from '../adapters/postgres/connection.ts';
import { postgresGroundwork } from '../adapters/postgres/groundwork.ts';
import { giveLandingRights, passwords } from '../adapters/postgres/rights.ts';
import { registryFor } from '../adapters/registry/registry.ts';
import { clientsOf } from '../clients.ts';
import { needed } from '../env.ts';
import { once } from '../once.ts';
import { stepHandler } from '../step.ts';
import { prepare } from './prepare.ts';

const clients = clientsOf();
const { env, secrets } = clients;
const kafka = once(async () => kafkaClient(await secrets.read(needed(env, 'TOPIC_SECRET'), topicSecret)));
const topic = once(async () => kafkaTopic(await kafka()));
const tables = once(async () => openTables(await secrets.read(needed(env, 'TABLE_SECRET'), tableSecret)));
const readPasswords = async () => (env.PASSWORDS_SECRET ? secrets.read(env.PASSWORDS_SECRET, passwords) : {});

export const handler = stepHandler('prepare', z.object({}), async () => {
  const secret = await secrets.read(needed(env, 'DATABASE_SECRET'), databaseSecret);
  return prepare(pipelines, {
    groundwork: postgresGroundwork(await clients.database(), secret, join(env.LAMBDA_TASK_ROOT, 'migrations')),
    topic: await topic(),
    registry: registryFor(env),
    tables: await tables(),
    artifacts: folderArtifacts(needed(env, 'ARTIFACTS')),
    rights: {
      onLanding: async () => giveLandingRights(await clients.database(), await readPasswords()),
      onTopics: async (of) => giveTopicRights(await kafka(), of),
    },
    now: new Date(),
  });
});
