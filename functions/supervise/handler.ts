import { z } from 'zod';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { emrServerless } from '../adapters/aws/jobs.ts';
import { folderCheckpoints } from '../adapters/checkpoints/folder.ts';
import { postgresGenerations } from '../adapters/postgres/generations.ts';
import { clientsOf } from '../clients.ts';
import { needed } from '../env.ts';
import { stepHandler } from '../step.ts';
import { topicClient } from '../topic-client.ts';
import { supervise } from './supervise.ts';

const clients = clientsOf();
const { env } = clients;
const topic = topicClient(clients);

export const handler = stepHandler('supervise', z.object({}), async () =>
  supervise({
    generations: postgresGenerations(await clients.database()),
    topic: await topic(),
    jobs: emrServerless({
      applicationId: env.JOB_APPLICATION,
      roleArn: env.JOB_ROLE_ARN,
      entryPoint: needed(env, 'JOB_ENTRY_POINT'),
      sparkParameters: env.JOB_SPARK_PARAMETERS,
    }),
    oldCheckpoints: folderCheckpoints(needed(env, 'CHECKPOINTS')),
    defined: pipelines.map(({ name }) => name),
    version: needed(env, 'JOB_VERSION'),
    stage: env.STAGE,
    manifest: needed(env, 'ARTIFACTS'),
    checkpoints: needed(env, 'CHECKPOINTS'),
  }),
);
