import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pipelineNamed } from '../../streaming/pipelines/index.ts';
import { lambdaSteps } from '../adapters/aws/steps.ts';
import { postgresRedrives } from '../adapters/postgres/redrive.ts';
import { landRows, type RowsToLand } from '../adapters/postgres/redrive-rows.ts';
import { postgresLanding } from '../adapters/postgres/runs.ts';
import { clientsOf } from '../clients.ts';
import { type StepContext, stepHandler } from '../step.ts';
import { type RedriveEvent, redriveEvent } from './event.ts';
import {
  beginRedrive,
  previewRedrive,
  type RedriveAnswer,
  type RedrivenRows,
  type RedrivePreview,
  redriveRows,
  resumeRedrive,
} from './redrive.ts';

/** A page is begun only when this much time is left for it. */
const pageMs = 15_000;

const clients = clientsOf();
const steps = lambdaSteps(clients.env.FUNCTION_PREFIX);

async function run(
  { filter, dryRun, limit, rate, who, cursor, rows, seconds, ...event }: RedriveEvent,
  context: StepContext,
): Promise<RedriveAnswer | RedrivePreview | RedrivenRows> {
  const pipeline = pipelineNamed(event.pipeline);
  const database = await clients.database();
  const until = Date.now() + seconds * 1000;
  const ports = {
    redrives: postgresRedrives(database),
    landing: postgresLanding(database),
    landRows: (named: RowsToLand) => landRows(database, named),
    steps,
    hasTime: () => context.getRemainingTimeInMillis() > pageMs && Date.now() < until,
    now: Date.now,
    sleep,
    newRun: () => `redrive:${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`,
  };
  if (rows !== undefined) return redriveRows(ports, pipeline, who, rows);
  if (filter === undefined) return resumeRedrive(ports, pipeline, cursor ?? '');
  const { parked, ...named } = filter;
  const asked = { filter: named, parked, limit, rate };
  return dryRun ? previewRedrive(ports, pipeline, asked) : beginRedrive(ports, pipeline, who, asked);
}

/** A sample holds people's data: the log keeps only how much was found. */
const logged = ({ ...answer }: RedriveAnswer | RedrivePreview | RedrivenRows) =>
  answer.dryRun ? { ...answer, sample: answer.sample.length } : answer;

export const handler = stepHandler('redrive', redriveEvent, run, logged);
