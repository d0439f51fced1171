import { topicOf } from '../../streaming/names.ts';
import type { MetricName } from '../metrics.ts';
import type { PartitionOffsets, Topic } from '../ports.ts';
import type { StartingOffsets } from './decide.ts';
import { startOf } from './starting.ts';

/** A pipeline as supervise sees it. */
export interface Supervised {
  readonly name: string;
  readonly desired: 'running' | 'stopped';
  readonly dataLoss: object | null;
  /** End of the covered prefix by partition; partitions without coverage are absent. */
  readonly prefixes: ReadonlyMap<number, number>;
  /** Offsets that the relay knows of. */
  readonly published: number;
  /** Seconds since the oldest row landed that is not published; 0 when none waits. */
  readonly unpublishedAge: number;
}

/** For how many seconds the tables have been where they are, although the topic has more; 0 when it has not. */
export interface Waiting {
  readonly sinceProgress: number;
  /** As much of it as the active generation is to blame for. */
  readonly underActive: number;
}

/** What a survey asks of the generations on file. */
export interface Observed {
  pipelines(): Promise<readonly Supervised[]>;
  lose(pipeline: string, loss: object): Promise<void>;
  /** Notes how far the tables are, and answers for how long they have been there. */
  waiting(pipeline: string, absorbed: number, isCaughtUp: boolean): Promise<Waiting>;
}

type Values = Readonly<Partial<Record<MetricName, number>>>;

export interface Survey {
  /** Where each pipeline that can run would start. */
  readonly starts: StartingOffsets;
  readonly stalled: readonly string[];
  readonly leftOut: readonly { readonly pipeline: string; readonly reason: string }[];
  readonly values: readonly (readonly [pipeline: string, values: Values])[];
}

export interface SurveyPorts {
  readonly generations: Observed;
  readonly topic: Topic;
  /** Pipelines that the code defines; what the database holds beyond them belongs to another version. */
  readonly defined: readonly string[];
  /** A job that absorbs nothing for so long is as bad as none. */
  readonly stalledSeconds: number;
}

/** Which pipelines can run and from where, and why the others cannot. A loss is written down where it is seen. */
export async function survey(ports: SurveyPorts): Promise<Survey> {
  const found = { starts: {} as Record<string, StartingOffsets[string]>, stalled: [] as string[] };
  const leftOut: { pipeline: string; reason: string }[] = [];
  const values: [string, Values][] = [];
  const pipelines = (await ports.generations.pipelines()).filter(({ name }) => ports.defined.includes(name));
  for (const pipeline of pipelines) {
    const seen = await look(pipeline, ports);
    values.push([pipeline.name, seen.values]);
    if ('reason' in seen) leftOut.push({ pipeline: pipeline.name, reason: seen.reason });
    else found.starts[pipeline.name] = seen.start;
    if ('start' in seen && seen.isStalled) found.stalled.push(pipeline.name);
  }
  return { ...found, leftOut, values };
}

type Seen =
  | { readonly start: StartingOffsets[string]; readonly isStalled: boolean; readonly values: Values }
  | { readonly reason: string; readonly values: Values };

async function look(pipeline: Supervised, { generations, topic, stalledSeconds }: SurveyPorts): Promise<Seen> {
  const reason = reasonToLeaveOut(pipeline);
  // Its topic may be gone: nothing is asked of it.
  if (reason !== undefined) return { reason, values: valuesOf(pipeline, pipeline.published) };
  const offsets = await topic.offsets(topicOf(pipeline));
  const end = sum(offsets.map(({ high }) => high));
  const start = startOf(offsets, pipeline.prefixes);
  if ('loss' in start) {
    await generations.lose(pipeline.name, start.loss);
    const lost = { ...pipeline, dataLoss: start.loss };
    return { reason: reasonToLeaveOut(lost) ?? '', values: valuesOf(lost, end) };
  }
  const { sinceProgress, underActive } = await waitingAt(pipeline, offsets, generations);
  const values = { ...valuesOf(pipeline, end), StalledSeconds: sinceProgress };
  return { start: start.offsets, isStalled: underActive > stalledSeconds, values };
}

function waitingAt({ name, prefixes }: Supervised, topic: readonly PartitionOffsets[], generations: Observed) {
  const absorbed = sum(prefixes.values());
  return generations.waiting(name, absorbed, absorbed >= sum(topic.map(({ high }) => high)));
}

/** Nobody waits for a pipeline that is left out. */
function valuesOf({ prefixes, dataLoss, unpublishedAge }: Supervised, end: number): Values {
  return {
    UnpublishedAge: unpublishedAge,
    UncoveredRecords: Math.max(0, end - sum(prefixes.values())),
    StalledSeconds: 0,
    DataLoss: dataLoss === null ? 0 : 1,
  };
}

function reasonToLeaveOut({ desired, dataLoss }: Supervised): string | undefined {
  if (desired === 'stopped') return 'stopped by an operator';
  return dataLoss === null ? undefined : `data loss: ${JSON.stringify(dataLoss)}`;
}

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, number) => total + number, 0);
