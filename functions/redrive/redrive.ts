import type { Definition } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { keyReaderOf } from '../../streaming/keys.ts';
import { mostUncovered } from '../extract/admission.ts';
import type { Landing, PageToLand, Steps } from '../ports.ts';
import { type Again, againOf } from './again.ts';
import type { Asked, FoundLetters, Progress, Redrive, Redrives, StreamState, TakenLetter } from './redrives.ts';

export interface RedrivePorts {
  readonly redrives: Redrives;
  readonly landing: Pick<Landing, 'uncovered'>;
  readonly steps: Steps;
  /** Whether there is time for another page. */
  readonly hasTime: () => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Name of a new run. */
  readonly newRun: () => string;
}

/** What would be driven again; nothing has changed. */
export interface RedrivePreview {
  readonly dryRun: true;
  readonly stream: StreamState;
  readonly letters: number;
  readonly found: readonly FoundLetters[];
  /** The first of them, and what would become of each. */
  readonly sample: readonly (TakenLetter & { readonly again: Again })[];
}

export interface RedriveAnswer extends Progress {
  readonly dryRun: false;
  readonly run: string;
  /** Where what lands goes on at once; what waits for it is safe, and takes its way when it runs again. */
  readonly stream: StreamState;
  /** For the next call, when this one ran out of time. */
  readonly cursor: string | null;
}

/** Letters of one transaction. */
const mostAtOnce = 1000;
const sampled = 5;

/** What a redrive would do, without doing it. */
export async function previewRedrive(
  { redrives, now }: Pick<RedrivePorts, 'redrives' | 'now'>,
  pipeline: Definition,
  asked: Asked,
): Promise<RedrivePreview> {
  const again = againOf(pipeline);
  const found = await redrives.find(pipeline.name, asked);
  const letters = await redrives.sample(pipeline.name, asked, Math.min(sampled, asked.limit));
  return {
    dryRun: true,
    stream: await redrives.stream(pipeline.name),
    letters: Math.min(
      asked.limit,
      found.reduce((sum, { count }) => sum + count, 0),
    ),
    found,
    sample: letters.map((letter) => ({ ...letter, again: again(letter, now()) })),
  };
}

/** A redrive that has not begun: its run goes on file before anything is taken. */
export async function beginRedrive(
  ports: RedrivePorts,
  pipeline: Definition,
  who: string,
  asked: Asked,
): Promise<RedriveAnswer> {
  await refuseWhenFull(ports, pipeline);
  const redrive = await ports.redrives.begin(pipeline.name, ports.newRun(), who, asked);
  return drive(ports, pipeline, redrive);
}

/** One that ran out of time in the call before. */
export async function resumeRedrive(ports: RedrivePorts, pipeline: Definition, run: string): Promise<RedriveAnswer> {
  const redrive = await ports.redrives.resume(pipeline.name, run);
  if (redrive === undefined) {
    throw refused(`cursor: expected the name of a redrive of ${pipeline.name}, got ${JSON.stringify(run)}`);
  }
  return drive(ports, pipeline, redrive);
}

/** What has become of rows that were named. */
export interface RedrivenRows {
  readonly dryRun: false;
  readonly run: string;
  /** Less than were named where landing keeps some no more, or they may not be kept. */
  readonly landed: number;
}

export interface RowPorts extends Pick<RedrivePorts, 'landing' | 'steps' | 'newRun'> {
  /** Lands rows once more as a run of one page, in one transaction, and answers how many there were. */
  readonly landRows: (rows: {
    readonly pipeline: string;
    readonly run: string;
    readonly who: string;
    readonly seqs: readonly number[];
    readonly keyOf: PageToLand['keyOf'];
  }) => Promise<number>;
}

/** landing -> landing: rows that are in no table take their way again, with the versions that they had. */
export async function redriveRows(
  ports: RowPorts,
  pipeline: Definition,
  who: string,
  seqs: readonly number[],
): Promise<RedrivenRows> {
  await refuseWhenFull(ports, pipeline);
  const run = ports.newRun();
  const landed = await ports.landRows({ pipeline: pipeline.name, run, who, seqs, keyOf: keyReaderOf(pipeline) });
  if (landed > 0) await ports.steps.wake('relay', { pipeline: pipeline.name });
  return { dryRun: false, run, landed };
}

/** dead letters -> landing, page by page, as fast as it may, until none is left or the time runs out. */
async function drive(ports: RedrivePorts, pipeline: Definition, { run, asked, ...begun }: Redrive) {
  const again = againOf(pipeline);
  const keyOf = keyReaderOf(pipeline);
  const size = Math.min(mostAtOnce, asked.rate);
  let { progress } = begun;
  while (!progress.done && ports.hasTime()) {
    const startedAt = ports.now();
    const left = asked.limit - takenBy(progress);
    const page = await ports.redrives.page(pipeline.name, run, { size, left, keyOf }, (letter) =>
      again(letter, ports.now()),
    );
    progress = page.progress;
    if (page.landed > 0) await ports.steps.wake('relay', { pipeline: pipeline.name });
    const dueMs = (page.taken / asked.rate) * 1000;
    if (!progress.done) await ports.sleep(Math.max(0, startedAt + dueMs - ports.now()));
  }
  return answerOf(run, progress, await ports.redrives.stream(pipeline.name));
}

const answerOf = (run: string, progress: Progress, stream: StreamState): RedriveAnswer => ({
  dryRun: false,
  run,
  stream,
  ...progress,
  cursor: progress.done ? null : run,
});

const takenBy = ({ received, refused }: Progress) =>
  Object.values(refused).reduce((sum, count) => sum + count, received);

/** Backpressure: what is on the path already goes first. */
async function refuseWhenFull({ landing }: Pick<RedrivePorts, 'landing'>, { name }: Definition): Promise<void> {
  const uncovered = await landing.uncovered(name, mostUncovered);
  if (uncovered < mostUncovered) return;
  throw new PipelineError(
    `backpressure: expected fewer than ${mostUncovered} records of ${name} between landing and tables, got ${uncovered} ` +
      'or more; nothing was redriven, ask again when the tables have caught up',
    { code: 'backpressure', at: 'landing', retriable: true },
  );
}

function refused(what: string): PipelineError {
  return new PipelineError(what, { code: 'bad_request', at: 'landing', retriable: false });
}
