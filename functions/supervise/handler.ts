import { z } from 'zod';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { postgresGenerations } from '../adapters/postgres/generations.ts';
import { clientsOf, needed } from '../clients.ts';
import { stepHandler } from '../step.ts';
import { supervise } from './supervise.ts';

const clients = clientsOf();

export const handler = stepHandler('supervise', z.object({}), async () =>
  supervise({
    generations: postgresGenerations(await clients.database()),
    topic: await clients.topic(),
    jobs: await clients.jobs(),
    defined: pipelines.map(({ name }) => name),
    version: needed(clients.env, 'JOB_VERSION'),
    stage: clients.env.STAGE,
    manifest: needed(clients.env, 'ARTIFACTS'),
    checkpoints: needed(clients.env, 'CHECKPOINTS'),
  }),
);
