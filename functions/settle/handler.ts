import { z } from 'zod';
import { pipelineNamed } from '../../streaming/pipelines/index.ts';
import { postgresLanding } from '../adapters/postgres/runs.ts';
import { clientsOf } from '../clients.ts';
import { stepHandler } from '../step.ts';
import { settle } from './settle.ts';

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const settleEvent = z.strictObject({
  pipeline: z.string(),
  from: moment.optional(),
  to: moment.optional(),
  dryRun: z.boolean().default(false),
});

const clients = clientsOf();

async function run({ pipeline, ...wanted }: z.infer<typeof settleEvent>) {
  const ports = { landing: postgresLanding(await clients.database()), steps: clients.steps, now: Date.now };
  return settle(ports, pipelineNamed(pipeline), wanted);
}

export const handler = stepHandler('settle', settleEvent, run);
