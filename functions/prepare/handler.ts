import { join } from 'node:path';
import { z } from 'zod';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { artifactsAt } from '../adapters/artifacts/artifacts.ts';
import { openKeyspaces } from '../adapters/cassandra/keyspaces.ts';
import { giveTableRights } from '../adapters/cassandra/rights.ts';
import { openTables, tableSecret } from '../adapters/cassandra/tables.ts';
import { checkTopic } from '../adapters/kafka/check-topic.ts';
import { kafkaClient } from '../adapters/kafka/client.ts';
import { giveTopicRights } from '../adapters/kafka/rights.ts';
import { kafkaTopic, makeTopic } from '../adapters/kafka/topic.ts';
import { postgresGroundwork } from '../adapters/postgres/groundwork.ts';
import { giveLandingRights, passwords } from '../adapters/postgres/rights.ts';
import { registryFor } from '../adapters/registry/registry.ts';
import { clientsOf } from '../clients.ts';
import { needed, readSigner } from '../env.ts';
import { lazily, once } from '../once.ts';
import { stepHandler } from '../step.ts';
import { topicLogin } from '../topic-client.ts';
import { prepare } from './prepare.ts';
import type { Rights } from './rights.ts';

const clients = clientsOf();
const { env, secrets } = clients;
const onMsk = env.TOPIC_BROKERS !== undefined;
const kafka = once(async () => kafkaClient(await topicLogin(clients)));
const topic = once(async () => kafkaTopic(await kafka(), onMsk ? checkTopic : makeTopic));
const registry = lazily(() => registryFor(env));
const tables = once(async () => {
  if (env.TABLE_HOST !== undefined) return openKeyspaces(env.TABLE_HOST, () => readSigner(env));
  return openTables(await secrets.read(needed(env, 'TABLE_SECRET'), tableSecret));
});
const readPasswords = async () => (env.PASSWORDS_SECRET ? secrets.read(env.PASSWORDS_SECRET, passwords) : {});

/** On AWS the policies of IAM give the rights on topics and tables. */
const rights: Rights = {
  onLanding: async () => giveLandingRights(await clients.database(), await readPasswords()),
  onTopics: async (of) => (onMsk ? undefined : giveTopicRights(await kafka(), of)),
  onTables: async () => (env.TABLE_HOST !== undefined ? undefined : giveTableRights(await tables())),
};

export const handler = stepHandler('prepare', z.object({}), async () =>
  prepare(pipelines, {
    groundwork: postgresGroundwork(await clients.database(), clients.login(), join(env.LAMBDA_TASK_ROOT, 'migrations')),
    topic: await topic(),
    registry: registry(),
    tables: await tables(),
    artifacts: artifactsAt(needed(env, 'ARTIFACTS')),
    rights,
    now: new Date(),
  }),
);
