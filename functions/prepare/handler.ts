import { join } from 'node:path';
import { z } from 'zod';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { databaseSecret } from '../adapters/postgres/connection.ts';
import { postgresGroundwork } from '../adapters/postgres/groundwork.ts';
import { clientsOf } from '../clients.ts';
import { stepHandler } from '../step.ts';
import { prepare } from './prepare.ts';

const clients = clientsOf();

export const handler = stepHandler('prepare', z.object({}), async () => {
  const { env, secrets } = clients;
  const secret = await secrets.read(env.DATABASE_SECRET, databaseSecret);
  return prepare(pipelines, {
    groundwork: postgresGroundwork(await clients.database(), secret, join(env.LAMBDA_TASK_ROOT, 'migrations')),
    topic: await clients.topic(),
    registry: await clients.registry(),
    tables: await clients.tables(),
    artifacts: await clients.artifacts(),
    now: new Date(),
  });
});
