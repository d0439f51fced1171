import { z } from 'zod';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { emrServerless } from '../adapters/aws/jobs.ts';
import { checkpointsAt } from '../adapters/checkpoints/checkpoints.ts';
import { controlBeside, holdAt } from '../adapters/hold/hold.ts';
import { postgresGenerations } from '../adapters/postgres/generations.ts';
import { clientsOf } from '../clients.ts';
import { needed } from '../env.ts';
import { lazily } from '../once.ts';
import { stepHandler } from '../step.ts';
import { topicClient } from '../topic-client.ts';
import { supervise } from './supervise.ts';

const clients = clientsOf();
const { env } = clients;
const topic = topicClient(clients);

/** Made at the first use, and kept. */
const stream = lazily(() => ({
  jobs: emrServerless({
    applicationId: env.JOB_APPLICATION,
    roleArn: env.JOB_ROLE_ARN,
    entryPoint: needed(env, 'JOB_ENTRY_POINT'),
    sparkParameters: env.JOB_SPARK_PARAMETERS,
    logs: env.JOB_LOGS,
  }),
  hold: holdAt(controlBeside(needed(env, 'ARTIFACTS'))),
  oldCheckpoints: checkpointsAt(needed(env, 'CHECKPOINTS')),
}));

export const handler = stepHandler('supervise', z.object({}), async (_event, _context, measure) =>
  supervise({
    ...stream(),
    generations: postgresGenerations(await clients.database()),
    topic: await topic(),
    measure,
    now: Date.now,
    defined: pipelines.map(({ name }) => name),
    version: needed(env, 'JOB_VERSION'),
    mode: env.JOB_MODE,
    everySeconds: checkedSecondsOf(env.JOB_EVERY),
    stage: env.STAGE,
    manifest: needed(env, 'ARTIFACTS'),
    checkpoints: needed(env, 'CHECKPOINTS'),
    trigger: env.JOB_TRIGGER,
  }),
);
