import { pipelineNamed } from '../../streaming/pipelines/index.ts';
import { lambdaSteps } from '../adapters/aws/steps.ts';
import { erasableTable } from '../adapters/cassandra/erasing.ts';
import { postgresErasing } from '../adapters/postgres/erasing.ts';
import { clientsOf } from '../clients.ts';
import { type StepContext, stepHandler } from '../step.ts';
import { tableClient } from '../table-client.ts';
import { type Erased, erase, type Found, look, reapply } from './erase.ts';
import { cursorOf, type EraseEvent, eraseEvent, keysOf, tablesOf } from './event.ts';

/** A piece is begun only when this much time is left for it. */
const pieceMs = 30_000;

const clients = clientsOf();
const { env } = clients;
const steps = lambdaSteps(env.FUNCTION_PREFIX);
const tables = tableClient(clients);

async function run(
  event: EraseEvent,
  context: StepContext,
): Promise<Found | Erased | Awaited<ReturnType<typeof reapply>>> {
  const pipeline = pipelineNamed(event.pipeline);
  const keys = keysOf(pipeline, event.keys ?? []);
  const names = tablesOf(pipeline, event.table);
  const [database, client] = [await clients.database(), await tables()];
  const until = Date.now() + event.seconds * 1000;
  const ports = {
    books: postgresErasing(database, pipeline),
    tables: names.map((name) => erasableTable(client, pipeline, name)),
    steps,
    now: Date.now,
    hasTime: () => context.getRemainingTimeInMillis() > pieceMs && Date.now() < until,
    backupDays: env.BACKUP_DAYS,
  };
  const from = cursorOf(event);
  if (event.reapply) return reapply(ports, event, from);
  if (event.dryRun) return look(ports, pipeline, keys, from);
  return erase(ports, pipeline, { keys, who: event.who ?? '' }, from);
}

export const handler = stepHandler('erase', eraseEvent, run);
