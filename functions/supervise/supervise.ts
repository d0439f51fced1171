import type { Measure } from '../metrics.ts';
import type { Checkpoints, Hold, JobMode, Jobs, Topic } from '../ports.ts';
import { type Decision, decide, type Generation, type Situation, type StartingOffsets } from './decide.ts';
import { type Observed, survey } from './survey.ts';

/** Names of the tables of each pipeline. */
export type TablesByPipeline = Readonly<Record<string, readonly string[]>>;

/** Generations on file. Each call stands for itself, so that what was done is on file before the next thing is done. */
export interface Generations extends Observed {
  /** Runs `work` while nobody else supervises; `busy` when somebody does. */
  alone<T>(work: () => Promise<T>): Promise<T | 'busy'>;
  active(): Promise<Generation | null>;
  /** Seconds since the newest generation was opened; null before the first. */
  sinceOpened(): Promise<number | null>;
  open(version: string, mode: JobMode, startingOffsets: StartingOffsets, tables: TablesByPipeline): Promise<void>;
  started(generation: number, jobRun: string): Promise<void>;
  mark(generation: number, state: 'running' | 'cancelling' | 'ended', reason: string): Promise<void>;
}

export interface SupervisePorts {
  readonly generations: Generations;
  readonly topic: Topic;
  readonly jobs: Jobs;
  readonly hold: Hold;
  readonly oldCheckpoints: Checkpoints;
  readonly measure: Measure;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Pipelines that the code defines; what the database holds beyond them belongs to another version. */
  readonly defined: readonly string[];
  /** What a job of this version writes. */
  readonly tables: TablesByPipeline;
  readonly version: string;
  readonly mode: JobMode;
  /** Least seconds from the start of one job that ends to the next. */
  readonly everySeconds: number;
  readonly stage: string;
  /** What the job is told besides its generation and offsets. */
  readonly manifest: string;
  readonly checkpoints: string;
  readonly trigger: string | undefined;
}

export interface SuperviseAnswer {
  readonly busy: boolean;
  /** Until when no job may be started, because somebody is changing what runs them. */
  readonly held: string | null;
  readonly generation: number | null;
  readonly jobRun: string | null;
  readonly hosted: readonly string[];
  readonly leftOut: readonly { readonly pipeline: string; readonly reason: string }[];
  readonly did: readonly string[];
}

const graceSeconds = 60;
/**
 * A batch takes seconds; a store that is down is back by then, or somebody is looking for it. A job that ends is young
 * every time: its workers have to come up first.
 */
const stalledSeconds: Readonly<Record<JobMode, number>> = { streaming: 300, 'available-now': 900 };
/** After these there is nothing to do before the next call. */
const last: ReadonlySet<Decision['do']> = new Set(['leave', 'keep', 'cancel']);
/** End, open, start, keep: no call needs more. */
const mostActions = 5;

/** Keeps exactly one generation of the Spark job running: the right version, the right pipelines, no record skipped. */
export async function supervise(ports: SupervisePorts): Promise<SuperviseAnswer> {
  const answer = await ports.generations.alone(() => superviseAlone(ports));
  if (answer !== 'busy') return answer;
  return { busy: true, held: null, generation: null, jobRun: null, hosted: [], leftOut: [], did: [] };
}

async function superviseAlone(ports: SupervisePorts): Promise<SuperviseAnswer> {
  const did: string[] = [];
  const held = await heldUntil(ports);
  let seen = await look(ports, ports.measure);
  while (held === null && did.length < mostActions) {
    did.push(told(seen.decision));
    await carryOut(seen.decision, seen.active, seen.starts, ports);
    if (last.has(seen.decision.do)) break;
    seen = await look(ports, measuredAlready);
  }
  const { active, starts, leftOut } = seen;
  return {
    busy: false,
    held,
    generation: active?.generation ?? null,
    jobRun: active?.jobRun ?? null,
    hosted: Object.keys(starts),
    leftOut,
    did,
  };
}

async function heldUntil({ hold, now }: SupervisePorts): Promise<string | null> {
  const until = await hold.until();
  return until !== null && until.getTime() > now() ? until.toISOString() : null;
}

const told = (decision: Decision) => ('reason' in decision ? `${decision.do}: ${decision.reason}` : decision.do);

const measuredAlready = () => undefined;

async function look(ports: SupervisePorts, measure: Measure) {
  const { generations, jobs, version, mode, everySeconds } = ports;
  const { values, ...seen } = await survey({ ...ports, stalledSeconds: stalledSeconds[mode] });
  // At once: the pipelines are as they are, whether or not the service of the jobs answers.
  for (const [pipeline, each] of values) measure(pipeline, each);
  const active = await generations.active();
  const situation: Situation = {
    ...{ version, mode, everySeconds, hosted: Object.keys(seen.starts), stalled: seen.stalled, active },
    sinceOpened: await generations.sinceOpened(),
    job: active?.jobRun ? await jobs.state(active.jobRun) : null,
  };
  return { ...seen, active, decision: decide(situation) };
}

async function carryOut(decision: Decision, active: Generation | null, starts: StartingOffsets, ports: SupervisePorts) {
  const { generations, jobs } = ports;
  if (decision.do === 'open') return generations.open(ports.version, ports.mode, starts, ports.tables);
  if (active === null) return;
  switch (decision.do) {
    case 'start':
      return generations.started(active.generation, await startJob(active, ports));
    case 'keep':
      await generations.mark(active.generation, 'running', '');
      return void (await ports.oldCheckpoints.removeBefore(active.generation));
    case 'end':
      return generations.mark(active.generation, 'ended', decision.reason);
    case 'cancel':
      await generations.mark(active.generation, 'cancelling', decision.reason);
      if (active.jobRun !== null) await jobs.cancel(active.jobRun, graceSeconds);
  }
}

/** The token makes a repeated start answer the first one's job run. */
function startJob({ generation, mode, startingOffsets }: Generation, ports: SupervisePorts) {
  const { jobs, stage, manifest, checkpoints, trigger } = ports;
  return jobs.start({
    clientToken: `millrace-${stage}-${generation}`,
    name: `millrace-${generation}`,
    mode,
    arguments: [
      ...['--manifest', manifest],
      ...['--generation', String(generation)],
      ...['--offsets', JSON.stringify(startingOffsets)],
      ...['--checkpoints', checkpoints],
      ...['--mode', mode],
      ...(trigger === undefined ? [] : ['--trigger', trigger]),
    ],
  });
}
