import type { Definition } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import type { Hold, Jobs, Steps } from '../ports.ts';
import { type Plan, type PlanPorts, planOf, refused } from './plan.ts';
import type { Progress, Rebuild } from './rebuilds.ts';

export interface RebuildPorts extends PlanPorts {
  readonly jobs: Pick<Jobs, 'start' | 'state'>;
  readonly hold: Hold;
  readonly steps: Steps;
  readonly stage: string;
  /** Folder of the manifest and the schemas that the job reads. */
  readonly manifest: string;
  readonly sleep: (ms: number) => Promise<void>;
  /** Whether to look once more in this call. */
  readonly hasTime: () => boolean;
}

export interface RebuildAsked {
  readonly rate: number;
  readonly refetch: boolean;
  readonly who: string;
}

/** What would be done; nothing has changed. */
export interface RebuildPreview extends Plan {
  readonly dryRun: true;
  readonly table: string;
}

export interface RebuildAnswer extends Progress {
  readonly dryRun: false;
  readonly table: string;
  readonly jobRun: string | null;
  readonly total: number;
  readonly done: boolean;
  /** For the next call; null when it is done. */
  readonly cursor: string | null;
  /** What it waits for. */
  readonly waits: string | null;
}

export async function previewRebuild(
  ports: PlanPorts,
  pipeline: Definition,
  table: string,
  asked: Pick<RebuildAsked, 'refetch'>,
): Promise<RebuildPreview> {
  const plan = await planOf(ports, pipeline, table);
  if (asked.refetch) refuseRefetch(pipeline, plan);
  return { dryRun: true, table, ...plan };
}

/** topic -> table, for what was on the topic before the table was there. One that is under way is gone on with. */
export async function beginRebuild(
  ports: RebuildPorts,
  pipeline: Definition,
  table: string,
  { rate, refetch, who }: RebuildAsked,
): Promise<RebuildAnswer> {
  const { underWay, begins, ranges } = await previewRebuild(ports, pipeline, table, { refetch });
  const asked = { pipeline: pipeline.name, table, begins, ranges, rate };
  const rebuild = underWay ?? (await ports.rebuilds.begin(asked, who, refetch));
  return follow(ports, rebuild.id);
}

/** Looks until the replay has ended, or the time of this call has. */
export async function resumeRebuild(ports: RebuildPorts, pipeline: Definition, cursor: string): Promise<RebuildAnswer> {
  const found = await ports.rebuilds.find(Number(cursor));
  if (found?.pipeline === pipeline.name) return follow(ports, found.id);
  throw refused(`cursor: expected the number of a rebuild of ${pipeline.name}, got ${cursor}`);
}

const lookMs = 1000;

async function follow(ports: RebuildPorts, id: number): Promise<RebuildAnswer> {
  for (;;) {
    const answer = await look(ports, id);
    if (answer.done || !ports.hasTime()) return answer;
    await ports.sleep(lookMs);
  }
}

async function look(ports: RebuildPorts, id: number): Promise<RebuildAnswer> {
  const rebuild = await ports.rebuilds.find(id);
  if (rebuild === undefined) throw refused(`rebuild ${id}: expected it on file, got none`);
  if (rebuild.state === 'failed') throw failed(rebuild, rebuild.reason ?? '');
  if (rebuild.state === 'done') return answerOf(rebuild, null);
  return rebuild.jobRun === null ? start(ports, rebuild) : judge(ports, rebuild, rebuild.jobRun);
}

/** The token makes a repeated start answer the first one's job run. */
async function start({ jobs, hold, rebuilds, stage, manifest, now }: RebuildPorts, rebuild: Rebuild) {
  const held = await hold.until();
  if (held !== null && held.getTime() > now()) return answerOf(rebuild, `jobs are held until ${held.toISOString()}`);
  const { id, pipeline, table, ranges, rate } = rebuild;
  const jobRun = await jobs.start({
    clientToken: `millrace-${stage}-rebuild-${id}`,
    name: `millrace-rebuild-${id}`,
    mode: 'available-now',
    arguments: [
      ...['--manifest', manifest],
      ...['--rebuild', JSON.stringify({ id, table, rate })],
      ...['--offsets', JSON.stringify({ [pipeline]: ranges })],
    ],
  });
  await rebuilds.started(id, jobRun);
  return answerOf({ ...rebuild, jobRun }, 'its job starts');
}

async function judge(
  { jobs, rebuilds, steps }: RebuildPorts,
  rebuild: Rebuild,
  jobRun: string,
): Promise<RebuildAnswer> {
  const { state, detail } = await jobs.state(jobRun);
  const whatWaits = {
    PENDING: `its job waits for workers ${detail}`.trim(),
    RUNNING: null,
    CANCELLING: 'it is cancelled',
  };
  if (state in whatWaits) return answerOf(rebuild, whatWaits[state as keyof typeof whatWaits]);
  if (state !== 'SUCCESS') {
    const reason = `${state} ${detail}`.trim();
    await rebuilds.end(rebuild.id, 'failed', reason);
    throw failed(rebuild, reason);
  }
  // It was told before the job ended, and is on its way.
  if (rebuild.replayed < rebuild.total) return answerOf(rebuild, 'its last report is on its way');
  // The topic may still hold what was erased since.
  const { pipeline, table } = rebuild;
  await steps.wake('erase', { pipeline, reapply: true, table, dryRun: false });
  await rebuilds.end(rebuild.id, 'done', '');
  return answerOf({ ...rebuild, state: 'done' }, null);
}

function answerOf({ id, state, ...rebuild }: Rebuild, waits: string | null): RebuildAnswer {
  const { table, jobRun, total, replayed, stored, dead, expired } = rebuild;
  const done = state === 'done';
  const progress = { total, replayed, stored, dead, expired };
  return { dryRun: false, table, jobRun, ...progress, done, cursor: done ? null : String(id), waits };
}

function refuseRefetch({ name, source }: Definition, { takenFrom, outOfReach: { instants } }: Plan): void {
  if (source.replayable === false) {
    throw refused(
      `refetch: expected a source that gives an old instant's records when it is asked later, got one of ${name} that ` +
        'says replayable: false; what it gave then is gone',
    );
  }
  const [first] = instants;
  if (first === undefined || takenFrom === null || first >= takenFrom) return;
  throw refused(
    `refetch: expected instants from ${takenFrom} on, got ${first}; Keyspaces takes the writes of the last two days ` +
      '(docs/decisions/0018), and every older record would become a dead letter',
  );
}

function failed({ table, replayed, total }: Rebuild, reason: string): PipelineError {
  return new PipelineError(
    `rebuild of ${table}: expected its job to end well, got ${reason} after ${replayed} of ${total} records; ask again: it ` +
      'starts over, and what it has written stays right',
    { code: 'stream_unavailable', at: 'stream', retriable: true },
  );
}
