import { pipelineNamed } from '../../streaming/pipelines/index.ts';
import { presenceIn } from '../adapters/cassandra/presence.ts';
import { postgresAccounts } from '../adapters/postgres/accounts.ts';
import { postgresLandedKeys } from '../adapters/postgres/landed-keys.ts';
import { clientsOf } from '../clients.ts';
import type { Measure } from '../metrics.ts';
import { type StepContext, stepHandler } from '../step.ts';
import { tableClient } from '../table-client.ts';
import { type DeepAnswer, deep } from './deep.ts';
import { intervalOf, type ReconcileEvent, reconcileEvent } from './event.ts';
import { type ReconcileAnswer, reconcile, reconcileRuns } from './reconcile.ts';

const minuteMs = 60_000;
/** For who asks: what is younger may still be at work, as settle sees it. */
const patienceMs = 5 * minuteMs;
/** For the alarm, which must not ring because of a job that starts every so often. */
const usualPatienceMs = 60 * minuteMs;

const mostLogged = 20;

const clients = clientsOf();
const tables = tableClient(clients);

async function run(
  event: ReconcileEvent,
  context: StepContext,
  measure: Measure,
): Promise<ReconcileAnswer | DeepAnswer> {
  const pipeline = pipelineNamed(event.pipeline);
  const database = await clients.database();
  const accounts = postgresAccounts(database);
  const now = Date.now();
  const ports = { accounts, now, remainingMs: () => context.getRemainingTimeInMillis() };
  const isUsual = event.from === undefined && event.until === undefined && event.runs === undefined && !event.each;
  const asked = { each: event.each, patienceMs: isUsual ? usualPatienceMs : patienceMs };
  if (event.runs !== undefined) return reconcileRuns(ports, pipeline, event.runs, asked);

  const interval = intervalOf(event, await accounts.firstInstant(pipeline.name), now);
  if (event.deep) {
    const client = await tables();
    const deepPorts = {
      ...ports,
      landed: postgresLandedKeys(database),
      presenceIn: (table: string) => presenceIn(client, pipeline, table),
    };
    return deep(deepPorts, pipeline, interval, Number(event.cursor ?? 0));
  }
  const from = event.cursor === undefined ? interval.from : new Date(event.cursor);
  const answer = await reconcile(ports, pipeline, { ...interval, from }, asked);
  // A person's own interval says nothing about how the pipeline is.
  if (isUsual) measure(pipeline.name, { UnbalancedRuns: answer.totals.unbalanced });
  return answer;
}

/** The counts, and where it is worth looking. */
function logged(answer: ReconcileAnswer | DeepAnswer): object {
  if ('astray' in answer) return { ...answer, astray: answer.astray.length };
  const unbalanced = answer.runs.filter(({ balance }) => balance === 'unbalanced').slice(0, mostLogged);
  return { totals: answer.totals, unbalanced: unbalanced.map(({ run: name, imbalances }) => ({ name, imbalances })) };
}

export const handler = stepHandler('reconcile', reconcileEvent, run, logged);
