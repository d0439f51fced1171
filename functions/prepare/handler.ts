import { join } from 'node:path';
import { z } from 'zod';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { folderArtifacts } from '../adapters/artifacts/folder.ts';
import { openTables, tableSecret } from '../adapters/cassandra/tables.ts';
import { databaseSecret } from '../adapters/postgres/connection.ts';
import { postgresGroundwork } from '../adapters/postgres/groundwork.ts';
import { confluentRegistry } from '../adapters/registry/confluent.ts';
import { clientsOf } from '../clients.ts';
import { needed } from '../env.ts';
import { once } from '../once.ts';
import { stepHandler } from '../step.ts';
import { topicClient } from '../topic-client.ts';
import { prepare } from './prepare.ts';

const clients = clientsOf();
const { env, secrets } = clients;
const topic = topicClient(clients);
const tables = once(async () => openTables(await secrets.read(env.TABLE_SECRET, tableSecret)));

export const handler = stepHandler('prepare', z.object({}), async () => {
  const secret = await secrets.read(env.DATABASE_SECRET, databaseSecret);
  return prepare(pipelines, {
    groundwork: postgresGroundwork(await clients.database(), secret, join(env.LAMBDA_TASK_ROOT, 'migrations')),
    topic: await topic(),
    registry: confluentRegistry(needed(env, 'REGISTRY_URL')),
    tables: await tables(),
    artifacts: folderArtifacts(needed(env, 'ARTIFACTS')),
    now: new Date(),
  });
});
