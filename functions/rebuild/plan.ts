import type { Definition } from '../../streaming/definition.ts';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { topicOf } from '../../streaming/names.ts';
import { runName } from '../../streaming/schedule.ts';
import type { Topic } from '../ports.ts';
import { beginningOf, isFilled, type Offsets, outOfReach, type Ranges, replayable, sizeOf } from './lacking.ts';
import type { OutOfReach, Rebuild, Rebuilds, TableRows } from './rebuilds.ts';

export interface PlanPorts {
  readonly rebuilds: Rebuilds;
  readonly rows: TableRows;
  readonly topic: Pick<Topic, 'offsets'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How many seconds back the tables take a write time; any unless said. */
  readonly tablesTake?: number | undefined;
}

/** What a table lacks. */
export interface Plan {
  readonly begins: Offsets;
  /** What the topic still has of it. */
  readonly ranges: Ranges;
  readonly total: number;
  /** What it has no more. */
  readonly outOfReach: OutOfReach;
  /** Version, as a time, before which the tables take no record; null where they take any. */
  readonly takenFrom: string | null;
  /** A rebuild of this very table that has not ended. */
  readonly underWay: Rebuild | null;
}

/** What a rebuild of a table would do; refuses what cannot be rebuilt, before anything changes. */
export async function planOf(ports: PlanPorts, pipeline: Definition, table: string): Promise<Plan> {
  const { rebuilds, rows } = ports;
  await refuseUnknown(rebuilds, pipeline, table);
  if (!(await rows.exists(table))) throw refused(`table ${table}: expected it in the keyspace, got none; run prepare`);
  const begins = beginningOf(await rebuilds.eras(pipeline.name, table));
  if (begins === null) throw notYet(pipeline, table);
  const newest = await rebuilds.newest(pipeline.name, table);
  const isDone = newest?.state === 'done' && sameOffsets(newest.begins, begins);
  const plan = await lackingOf(ports, pipeline, table, begins, isDone);
  // What a replay that failed has left is of the same records, at the same write times.
  if (newest === undefined || newest.state === 'done') await refuseFilled(ports, pipeline, table, plan, isDone);
  return { ...plan, underWay: newest?.state === 'running' ? newest : null };
}

async function lackingOf(ports: PlanPorts, pipeline: Definition, table: string, begins: Offsets, isDone: boolean) {
  const { rebuilds, topic, now, tablesTake } = ports;
  const offsets = await topic.offsets(topicOf(pipeline));
  const ranges = isDone ? {} : replayable(offsets, begins);
  const since = new Date(now() - checkedSecondsOf(pipeline.keep.tables) * 1000);
  return {
    begins,
    ranges,
    total: sizeOf(ranges),
    outOfReach: await rebuilds.outOfReach(pipeline.name, table, outOfReach(offsets, begins), since),
    takenFrom: tablesTake === undefined ? null : runName(new Date(now() - tablesTake * 1000)),
  };
}

async function refuseUnknown(rebuilds: Rebuilds, pipeline: Definition, table: string): Promise<void> {
  const known = Object.keys(pipeline.tables);
  if (!known.includes(table)) throw refused(`table: expected one of ${known.join(', ')}, got ${table}`);
  const loss = await rebuilds.loss(pipeline.name);
  if (loss === undefined) throw refused(`pipeline ${pipeline.name}: expected one that prepare knows, got none`);
  if (loss === null) return;
  throw refused(
    `pipeline ${pipeline.name}: expected a stream without a loss, got ${JSON.stringify(loss)}; accept it first ` +
      '(npm run stream -- status says how)',
  );
}

/** Rows that nothing on file explains, or a table that lacks nothing. */
async function refuseFilled(
  { rebuilds, rows }: PlanPorts,
  pipeline: Definition,
  table: string,
  { begins, total, outOfReach: { count, others } }: Omit<Plan, 'underWay'>,
  isDone: boolean,
): Promise<void> {
  const lacks = total + count + others > 0;
  if (isDone && lacks) return;
  const oldest = lacks ? await rebuilds.oldestSince(pipeline.name, begins) : null;
  if (!isFilled(await rows.written(table), oldest)) return;
  const why = isDone
    ? 'it has been rebuilt'
    : lacks
      ? 'rows are older than all that the stream has brought'
      : 'all is in it';
  throw refused(
    `table ${table}: expected an empty one, but for what the stream has brought since it writes it, got one that is not ` +
      `(${why}); to fill it differently, define a table under another name`,
  );
}

const sameOffsets = (one: Offsets, other: Offsets) =>
  Object.keys({ ...one, ...other }).every((partition) => (one[partition] ?? 0) === (other[partition] ?? 0));

function notYet(pipeline: Definition, table: string): PipelineError {
  return new PipelineError(
    `table ${table}: expected the stream of ${pipeline.name} to write it, got a generation that does not know it; ` +
      'restart, or deploy, and ask again: else what comes until then would be missing',
    { code: 'stream_unavailable', at: 'stream', retriable: true },
  );
}

export const refused = (what: string) =>
  new PipelineError(what, { code: 'bad_request', at: 'table', retriable: false });
