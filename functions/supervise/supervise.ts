import { topicOf } from '../../streaming/names.ts';
import type { Checkpoints, Jobs, PartitionOffsets, Topic } from '../ports.ts';
import { type Decision, decide, type Generation, type StartingOffsets } from './decide.ts';
import { startOf } from './starting.ts';

/** A pipeline as supervise sees it. */
export interface Supervised {
  readonly name: string;
  readonly desired: 'running' | 'stopped';
  readonly dataLoss: object | null;
  /** End of the covered prefix by partition; partitions without coverage are absent. */
  readonly prefixes: ReadonlyMap<number, number>;
}

/** Generations on file. Each call stands for itself, so that what was done is on file before the next thing is done. */
export interface Generations {
  /** Runs `work` while nobody else supervises; `busy` when somebody does. */
  alone<T>(work: () => Promise<T>): Promise<T | 'busy'>;
  pipelines(): Promise<readonly Supervised[]>;
  active(): Promise<Generation | null>;
  open(version: string, startingOffsets: StartingOffsets): Promise<void>;
  started(generation: number, jobRun: string): Promise<void>;
  mark(generation: number, state: 'running' | 'cancelling' | 'ended', reason: string): Promise<void>;
  lose(pipeline: string, loss: object): Promise<void>;
  /**
   * Notes how far the tables are, and answers for how many seconds the active generation has left them there; 0 when
   * they are where the topic ends.
   */
  waiting(pipeline: string, absorbed: number, isCaughtUp: boolean): Promise<number>;
}

export interface SupervisePorts {
  readonly generations: Generations;
  readonly topic: Topic;
  readonly jobs: Jobs;
  readonly oldCheckpoints: Checkpoints;
  /** Pipelines that the code defines; what the database holds beyond them belongs to another version. */
  readonly defined: readonly string[];
  readonly version: string;
  readonly stage: string;
  /** What the job is told besides its generation and offsets. */
  readonly manifest: string;
  readonly checkpoints: string;
}

export interface SuperviseAnswer {
  readonly busy: boolean;
  readonly generation: number | null;
  readonly jobRun: string | null;
  readonly hosted: readonly string[];
  readonly leftOut: readonly { readonly pipeline: string; readonly reason: string }[];
  readonly did: readonly string[];
}

const graceSeconds = 60;
/** A batch takes seconds; a store that is down is back by then, or somebody is looking for it. */
const stalledSeconds = 300;
/** After these there is nothing to do before the next call. */
const last: ReadonlySet<Decision['do']> = new Set(['leave', 'keep', 'cancel']);
/** End, open, start, keep: no call needs more. */
const mostActions = 5;

/** Keeps exactly one generation of the Spark job running: the right version, the right pipelines, no record skipped. */
export async function supervise(ports: SupervisePorts): Promise<SuperviseAnswer> {
  const answer = await ports.generations.alone(() => superviseAlone(ports));
  if (answer !== 'busy') return answer;
  return { busy: true, generation: null, jobRun: null, hosted: [], leftOut: [], did: [] };
}

async function superviseAlone(ports: SupervisePorts): Promise<SuperviseAnswer> {
  const did: string[] = [];
  let seen = await look(ports);
  while (did.length < mostActions) {
    did.push(told(seen.decision));
    await carryOut(seen.decision, seen.active, seen.starts, ports);
    if (last.has(seen.decision.do)) break;
    seen = await look(ports);
  }
  const { active, starts, leftOut } = seen;
  return {
    busy: false,
    generation: active?.generation ?? null,
    jobRun: active?.jobRun ?? null,
    hosted: Object.keys(starts),
    leftOut,
    did,
  };
}

const told = (decision: Decision) => ('reason' in decision ? `${decision.do}: ${decision.reason}` : decision.do);

async function look(ports: SupervisePorts) {
  const { starts, stalled, leftOut } = await survey(ports);
  const active = await ports.generations.active();
  const job = active?.jobRun ? await ports.jobs.state(active.jobRun) : null;
  const decision = decide({ version: ports.version, hosted: Object.keys(starts), stalled, active, job });
  return { starts, leftOut, active, decision };
}

/** Which pipelines can run and from where, and why the others cannot. A loss is written down where it is seen. */
async function survey({ generations, topic, defined }: SupervisePorts) {
  const starts: Record<string, Readonly<Record<string, number>>> = {};
  const stalled: string[] = [];
  const leftOut: { pipeline: string; reason: string }[] = [];
  const pipelines = (await generations.pipelines()).filter(({ name }) => defined.includes(name));
  for (const pipeline of pipelines) {
    const reason = reasonToLeaveOut(pipeline);
    if (reason !== undefined) {
      leftOut.push({ pipeline: pipeline.name, reason });
      continue;
    }
    const offsets = await topic.offsets(topicOf(pipeline));
    const start = startOf(offsets, pipeline.prefixes);
    if ('offsets' in start) {
      starts[pipeline.name] = start.offsets;
      if (await isStalled(pipeline, offsets, generations)) stalled.push(pipeline.name);
    } else {
      await generations.lose(pipeline.name, start.loss);
      leftOut.push({ pipeline: pipeline.name, reason: `data loss: ${JSON.stringify(start.loss)}` });
    }
  }
  return { starts, stalled, leftOut };
}

async function isStalled(
  { name, prefixes }: Supervised,
  topic: readonly PartitionOffsets[],
  generations: Generations,
): Promise<boolean> {
  const absorbed = sum(prefixes.values());
  const isCaughtUp = absorbed >= sum(topic.map(({ high }) => high));
  return (await generations.waiting(name, absorbed, isCaughtUp)) > stalledSeconds;
}

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, number) => total + number, 0);

function reasonToLeaveOut({ desired, dataLoss }: Supervised): string | undefined {
  if (desired === 'stopped') return 'stopped by an operator';
  return dataLoss === null ? undefined : `data loss: ${JSON.stringify(dataLoss)}`;
}

async function carryOut(decision: Decision, active: Generation | null, starts: StartingOffsets, ports: SupervisePorts) {
  const { generations, jobs } = ports;
  if (decision.do === 'open') return generations.open(ports.version, starts);
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
function startJob({ generation, startingOffsets }: Generation, { jobs, stage, manifest, checkpoints }: SupervisePorts) {
  return jobs.start({
    clientToken: `millrace-${stage}-${generation}`,
    name: `millrace-${generation}`,
    arguments: [
      ...['--manifest', manifest],
      ...['--generation', String(generation)],
      ...['--offsets', JSON.stringify(startingOffsets)],
      ...['--checkpoints', checkpoints],
      ...['--mode', 'streaming'],
    ],
  });
}
