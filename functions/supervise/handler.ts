import { z } from 'zod';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { checkpointsAt } from '../adapters/checkpoints/checkpoints.ts';
import { controlBeside, holdAt } from '../adapters/hold/hold.ts';
import { postgresGenerations } from '../adapters/postgres/generations.ts';
import { postgresOrders } from '../adapters/postgres/orders.ts';
import { clientsOf } from '../clients.ts';
import { needed } from '../env.ts';
import { jobClient } from '../job-client.ts';
import type { Measure } from '../metrics.ts';
import { lazily } from '../once.ts';
import { stepHandler } from '../step.ts';
import { topicClient } from '../topic-client.ts';
import { carryOutOrder, order } from './orders.ts';
import { supervise } from './supervise.ts';

/** The schedule says nothing; a person may give an order, which is carried out before anything else. */
const event = z.object({ order: order.optional() });

const clients = clientsOf();
const { env } = clients;
const topic = topicClient(clients);

/** Made at the first use, and kept. */
const stream = lazily(() => ({
  jobs: jobClient(env),
  hold: holdAt(controlBeside(needed(env, 'ARTIFACTS'))),
  oldCheckpoints: checkpointsAt(needed(env, 'CHECKPOINTS')),
}));

async function run({ order }: z.infer<typeof event>, measure: Measure) {
  const database = await clients.database();
  const ordered = order === undefined ? undefined : await carryOutOrder(postgresOrders(database), order);
  const supervised = await supervise({
    ...stream(),
    generations: postgresGenerations(database),
    topic: await topic(),
    measure,
    now: Date.now,
    defined: pipelines.map(({ name }) => name),
    tables: Object.fromEntries(pipelines.map(({ name, tables }) => [name, Object.keys(tables)])),
    version: needed(env, 'JOB_VERSION'),
    mode: env.JOB_MODE,
    everySeconds: checkedSecondsOf(env.JOB_EVERY),
    stage: env.STAGE,
    manifest: needed(env, 'ARTIFACTS'),
    checkpoints: needed(env, 'CHECKPOINTS'),
    trigger: env.JOB_TRIGGER,
  });
  return { ...supervised, ...(ordered !== undefined && { ordered }) };
}

export const handler = stepHandler('supervise', event, (asked, _context, measure) => run(asked, measure));
