import { pipelineNamed } from '../../streaming/pipelines/index.ts';
import { lambdaSteps } from '../adapters/aws/steps.ts';
import { postgresLanding } from '../adapters/postgres/runs.ts';
import { clientsOf } from '../clients.ts';
import type { Measure } from '../metrics.ts';
import { type StepContext, stepHandler } from '../step.ts';
import { type SettleEvent, settleEvent } from './event.ts';
import { settle } from './settle.ts';

const clients = clientsOf();
const steps = lambdaSteps(clients.env.FUNCTION_PREFIX);

async function run({ pipeline, ...wanted }: SettleEvent, _context: StepContext, measure: Measure) {
  const { TABLES_TAKE: tablesTake } = clients.env;
  const ports = { landing: postgresLanding(await clients.database()), steps, now: Date.now, tablesTake };
  const answer = await settle(ports, pipelineNamed(pipeline), wanted);
  // A person's own interval says nothing about how the pipeline is.
  const isUsual = wanted.from === undefined && wanted.to === undefined;
  if (isUsual) measure(pipeline, { UnclosedInstants: answer.instants.length + answer.more });
  return answer;
}

export const handler = stepHandler('settle', settleEvent, run);
