import { setTimeout as sleep } from 'node:timers/promises';
import { pipelineNamed } from '../../streaming/pipelines/index.ts';
import { lambdaSteps } from '../adapters/aws/steps.ts';
import { rowsOf } from '../adapters/cassandra/rows.ts';
import { controlBeside, holdAt } from '../adapters/hold/hold.ts';
import { postgresRebuilds } from '../adapters/postgres/rebuilds.ts';
import { clientsOf } from '../clients.ts';
import { needed } from '../env.ts';
import { jobClient } from '../job-client.ts';
import { type StepContext, stepHandler } from '../step.ts';
import { tableClient } from '../table-client.ts';
import { topicClient } from '../topic-client.ts';
import { type RebuildEvent, rebuildEvent } from './event.ts';
import { beginRebuild, previewRebuild, type RebuildAnswer, type RebuildPreview, resumeRebuild } from './rebuild.ts';

const clients = clientsOf();
const { env } = clients;
const topic = topicClient(clients);
const tables = tableClient(clients);

/** A look is begun only when this much time is left for it. */
const lookMs = 15_000;

async function run(
  { table, dryRun, cursor, seconds, ...asked }: RebuildEvent,
  context: StepContext,
): Promise<RebuildAnswer | RebuildPreview> {
  const pipeline = pipelineNamed(asked.pipeline);
  const until = Date.now() + seconds * 1000;
  const ports = {
    rebuilds: postgresRebuilds(await clients.database()),
    rows: rowsOf(await tables(), pipeline),
    // Reached only once it is asked: most refusals come before.
    topic: { offsets: async (name: string) => (await topic()).offsets(name) },
    jobs: jobClient(env),
    hold: holdAt(controlBeside(needed(env, 'ARTIFACTS'))),
    steps: lambdaSteps(env.FUNCTION_PREFIX),
    stage: env.STAGE,
    manifest: needed(env, 'ARTIFACTS'),
    tablesTake: env.TABLES_TAKE,
    now: Date.now,
    sleep,
    hasTime: () => Date.now() < until && context.getRemainingTimeInMillis() > lookMs,
  };
  if (cursor !== undefined) return resumeRebuild(ports, pipeline, cursor);
  return dryRun ? previewRebuild(ports, pipeline, table, asked) : beginRebuild(ports, pipeline, table, asked);
}

export const handler = stepHandler('rebuild', rebuildEvent, run);
