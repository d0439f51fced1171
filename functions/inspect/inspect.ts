import type { Definition } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { topicOf } from '../../streaming/names.ts';
import { pipelineNamed, pipelines } from '../../streaming/pipelines/index.ts';
import { instantOf, runName, stepMs } from '../../streaming/schedule.ts';
import { keyFieldsOf } from '../../streaming/tables.ts';
import type { Account, DeadLetter, LetterState, PartitionOffsets, Topic } from '../ports.ts';
import type { Asked, Question } from './questions.ts';

/** Where the newest generation of the Spark job stands. */
export interface GenerationStatus {
  readonly generation: number;
  readonly version: string;
  readonly state: string;
  readonly jobRun: string | null;
  readonly reason: string | null;
}

interface DeadCount {
  readonly at: string;
  readonly reason: string;
  readonly count: number;
}

/** What PostgreSQL knows of a pipeline. */
export interface PipelineStatus {
  readonly pipeline: string;
  readonly desired: string;
  readonly data_loss: object | null;
  readonly running_generation: number | null;
  readonly first_instant: Date;
  readonly runs: { readonly open: number; readonly closed: number };
  readonly last_run: string | null;
  /** Oldest run that is not closed. */
  readonly next_unclosed: string | null;
  readonly landed: number;
  readonly published: number;
  readonly pending: number;
  /** Landed, and erased before they were published. */
  readonly erased: number;
  /** Seconds since the oldest row landed that is not published. */
  readonly oldest_pending_seconds: number | null;
  readonly covered: number;
  /** Records of the last 60 seconds. */
  readonly landed_last_minute: number;
  readonly covered_last_minute: number;
  /** Instant of the newest run whose records have all been published and covered. */
  readonly newest_complete: Date | null;
  readonly foreign: number;
  readonly duplicates: number;
  readonly dead: readonly DeadCount[];
  readonly prefixes: Readonly<Record<string, number>>;
  /** The run of Airflow that failed last, in the last hour. */
  readonly failed_dag: { readonly dag: string; readonly run: string; readonly at: string } | null;
}

export interface LandedKey {
  readonly seq: number;
  readonly version: number;
  readonly landedAt: Date;
  /** The fields that the tables' keys are made of; timestamps in milliseconds. */
  readonly key: Readonly<Record<string, string | number | boolean | null>>;
  /** Whether it was erased after it had been published: its key is gone from landing and tables. */
  readonly isErased: boolean;
  /** Whether it has died on the way from landing to the tables, as far as the stream has said. */
  readonly isDead: boolean;
}

export interface DeadLetterOnFile extends DeadLetter {
  readonly state: LetterState;
  readonly attempts: number;
  readonly partition: number | null;
  readonly offset: number | null;
  /** When it died last. */
  readonly died_at: Date;
  /** The run that took it last. */
  readonly redrive: string | null;
}

/** The newest first. */
export interface DeadLetters {
  readonly letters: readonly DeadLetterOnFile[];
  /** Where to go on; null when these were the last. */
  readonly next: string | null;
}

/** What is read from PostgreSQL. */
export interface Books {
  status(pipeline: string): Promise<PipelineStatus | undefined>;
  generation(): Promise<GenerationStatus | null>;
  account(pipeline: string, run: string): Promise<Account | undefined>;
  /** Those of some runs that are closed and whose records are all published and covered. */
  absorbed(pipeline: string, runs: readonly string[]): Promise<readonly string[]>;
  /** The newest instant without a run of those that lie `stepMs` apart up to `newest`; null when a month has none. */
  freeInstant(pipeline: string, newest: Date, stepMs: number): Promise<Date | null>;
  keys(asked: Asked<'keys'>, fields: readonly string[]): Promise<readonly LandedKey[]>;
  dead(asked: Asked<'dead'>): Promise<DeadLetters>;
}

export interface InspectPorts {
  readonly books: Books;
  readonly topic: Topic;
}

/** Answers a question. An answer stays below the six megabytes that an invocation may answer. */
export async function inspect(asked: Question, ports: InspectPorts) {
  switch (asked.question) {
    case 'status':
      return status(asked.pipeline === undefined ? pipelines : [pipelineNamed(asked.pipeline)], ports);
    case 'account':
      return { account: (await ports.books.account(pipelineNamed(asked.pipeline).name, asked.run)) ?? null };
    case 'absorbed':
      return absorbed(pipelineNamed(asked.pipeline), asked.runs, ports.books);
    case 'free_instant':
      return freeInstant(pipelineNamed(asked.pipeline), ports.books);
    case 'keys':
      return keys(asked, ports.books);
    case 'dead':
      return ports.books.dead({ ...asked, pipeline: pipelineNamed(asked.pipeline).name });
  }
}

/** Answer to the question for the status. */
export interface Status {
  /** The newest one. */
  readonly generation: GenerationStatus | null;
  readonly pipelines: readonly (Omit<PipelineStatus, 'prefixes'> & { readonly lag: number })[];
}

async function status(asked: readonly Definition[], { books, topic }: InspectPorts): Promise<Status> {
  const generation = await books.generation();
  const statuses = await Promise.all(asked.map((pipeline) => pipelineStatus(pipeline, books, topic)));
  return { generation, pipelines: statuses };
}

async function pipelineStatus(pipeline: Definition, books: Books, topic: Topic) {
  const found = await books.status(pipeline.name);
  if (found === undefined) throw notFound(`pipeline ${pipeline.name}`, 'run prepare first');
  const { prefixes, ...known } = found;
  return { ...known, lag: lagOf(await topic.offsets(topicOf(pipeline)), prefixes) };
}

/** Offsets that the tables have still to absorb, over all partitions. */
export function lagOf(offsets: readonly PartitionOffsets[], prefixes: Readonly<Record<string, number>>): number {
  return offsets.reduce((lag, { partition, high }) => lag + Math.max(0, high - (prefixes[partition] ?? 0)), 0);
}

async function freeInstant({ name, schedule }: Definition, books: Books) {
  const free = await books.freeInstant(name, instantOf(schedule.every, new Date()), stepMs(schedule.every));
  return { instant: free === null ? null : runName(free) };
}

async function absorbed({ name }: Definition, runs: readonly string[], books: Books) {
  const done = new Set(await books.absorbed(name, runs));
  const waiting = runs.filter((run) => !done.has(run));
  return { absorbed: waiting.length === 0, waiting };
}

async function keys(asked: Asked<'keys'>, books: Books) {
  const pipeline = pipelineNamed(asked.pipeline);
  const rows = await books.keys(asked, keyFieldsOf(pipeline));
  return { rows, next: rows.length === asked.limit ? (rows.at(-1)?.seq ?? null) : null };
}

function notFound(what: string, advice: string): PipelineError {
  return new PipelineError(`${what}: expected it in PostgreSQL, got nothing; ${advice}`, {
    code: 'bad_request',
    at: 'landing',
    retriable: false,
  });
}
