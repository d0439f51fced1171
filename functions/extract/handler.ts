import { pipelineNamed } from '../../streaming/pipelines/index.ts';
import { lambdaSteps } from '../adapters/aws/steps.ts';
import { postgresLanding } from '../adapters/postgres/runs.ts';
import { checkedSource, sourceFor } from '../adapters/source/source.ts';
import { clientsOf } from '../clients.ts';
import type { Measure } from '../metrics.ts';
import { type StepContext, stepHandler } from '../step.ts';
import { type ExtractEvent, extractEvent, instantOfEvent } from './event.ts';
import { extract, refetch } from './extract.ts';

/** Kept for landing what was fetched and for answering. */
const reserveMs = 15_000;

const clients = clientsOf();
const steps = lambdaSteps(clients.env.FUNCTION_PREFIX);

async function run(event: ExtractEvent, context: StepContext, measure: Measure) {
  const { SOURCE, SOURCES, LAMBDA_TASK_ROOT: taskRoot } = clients.env;
  const pipeline = pipelineNamed(event.pipeline);
  const instant = instantOfEvent(pipeline, event, new Date());
  const source = event.source === undefined ? undefined : checkedSource(event.source);
  const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - reserveMs));
  const ports = {
    landing: postgresLanding(await clients.database()),
    steps,
    sourceFor: (name: string) => sourceFor(name, pipeline, { taskRoot, signal }),
    usualSource: checkedSource(SOURCES[pipeline.name] ?? SOURCE),
    remainingMs: () => context.getRemainingTimeInMillis(),
    measure,
  };
  if (event.refetch !== undefined) return refetch(ports, pipeline, instant, event.refetch);
  return extract(ports, pipeline, instant, { records: event.records, source });
}

export const handler = stepHandler('extract', extractEvent, run);
