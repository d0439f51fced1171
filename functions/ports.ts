import type { Definition, PageAsk, PipelineRecord } from '../streaming/definition.ts';
import type { SchemaId } from '../streaming/framing.ts';
import type { Noun } from '../streaming/nouns.ts';
import type { TopicSpec } from '../streaming/topics.ts';

/**
 * What the steps need of the world, one interface per noun. Adapters live in `adapters/`, one folder each; the unit
 * tests use fakes, the path is proved on the real servers.
 */

// ---------------------------------------------------------------- source

export interface RunPlan {
  /** `live`, `sample`, or the address that stands in for the live one. */
  readonly source: string;
  /** Records asked for; 0 when the plan is open, because the source decides. */
  readonly requested: number;
  readonly pageSize: number;
  /** null: open, closed by the page that says it is the last. */
  readonly pages: number | null;
}

export interface SourcePage {
  /** The records as the source gave them, unchecked. */
  readonly records: readonly unknown[];
  /** Only for open plans: no page after this one. */
  readonly last: boolean;
}

export interface Source {
  /** Throws a PipelineError (source_unreachable, source_refused, source_bad_answer, source_empty). */
  fetchPage(pipeline: Definition, ask: PageAsk): Promise<SourcePage>;
}

// ---------------------------------------------------------------- landing

export interface LandedRow {
  /** Cursor of the relay: grows with every row that lands. */
  readonly seq: number;
  readonly run: string;
  readonly origin: number;
  readonly version: number;
  /** Of a row that was erased nothing: {}. */
  readonly payload: PipelineRecord;
}

/** A record that could not go on, without payload fields that the definition does not name. */
export interface DeadLetter {
  readonly identity: string;
  readonly run: string | null;
  readonly at: Noun;
  readonly reason: string;
  readonly field: string | null;
  readonly payload: unknown;
}

/** Which dead letters are meant; what is not named does not matter. */
export interface LetterFilter {
  /** The noun at which they died. */
  readonly at?: Noun | undefined;
  readonly reason?: string | undefined;
  readonly run?: string | undefined;
  readonly identities?: readonly string[] | undefined;
  /** When they died last: [since, until). */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

export const letterStates = ['open', 'redriving', 'stored', 'parked', 'erased'] as const;

export type LetterState = (typeof letterStates)[number];

export interface PageToLand {
  readonly pipeline: string;
  readonly run: string;
  readonly page: number;
  readonly received: number;
  readonly last: boolean;
  readonly rows: readonly { readonly origin: number; readonly version: number; readonly payload: PipelineRecord }[];
  readonly rejected: readonly DeadLetter[];
  /** Reads the key of a record, or of what the source said of one; undefined where there is none. */
  readonly keyOf: (payload: unknown) => string | undefined;
}

/** What became of a page's records: of those that were judged good some may be suppressed. */
export interface Landed {
  readonly landed: number;
  readonly rejected: number;
}

export interface OpenRun extends RunPlan {
  readonly closed: boolean;
  /** Whether this very call put the plan on file. */
  readonly created: boolean;
  /** Pages whose markers are on file. */
  readonly pagesLanded: readonly number[];
  /** Whether one of them said that it is the last. */
  readonly lastLanded: boolean;
}

/** A run as far as it has come. */
export interface RunTotals {
  readonly received: number;
  readonly landed: number;
  readonly rejected: number;
  readonly pages: number;
  readonly closed: boolean;
}

export interface Landing {
  /** Puts the plan on file unless the run has one, and answers the one on file. A run beside the grid has no instant. */
  openRun(pipeline: string, run: string, instant: Date | null, plan: RunPlan): Promise<OpenRun>;
  /** The plan of a closed run. */
  closedPlan(pipeline: string, run: string): Promise<RunPlan | undefined>;
  /** Takes one of the places for runs of a pipeline; answers how to leave it, or undefined when all are taken. */
  enter(pipeline: string, places: number): Promise<(() => Promise<void>) | undefined>;
  /**
   * Rows, dead letters and page marker in one transaction; `present` when the marker was there already. A record whose
   * key is suppressed is rejected, and nothing of it is kept.
   */
  landPage(page: PageToLand): Promise<Landed | 'present'>;
  /** Closes the run if every page of its plan is on file; of an open one, the last. */
  closeRun(pipeline: string, run: string): Promise<RunTotals>;
  /** Records landed and not yet absorbed by the tables; counting stops at the limit. */
  uncovered(pipeline: string, limit: number): Promise<number>;
  /** Records that the live source gave in the last seconds. */
  receivedLive(pipeline: string, seconds: number): Promise<number>;
  /** Instant of the first run that the pipeline owes; null before prepare. */
  firstInstant(pipeline: string): Promise<Date | null>;
  /** Names of the closed runs whose instants lie in [from, until). */
  closedRuns(pipeline: string, from: Date, until: Date): Promise<ReadonlySet<string>>;
}

export interface Account {
  readonly pipeline: string;
  readonly run: string;
  readonly source: string;
  readonly requested: number;
  readonly closed: boolean;
  readonly received: number;
  readonly short: number;
  readonly rejected: number;
  readonly landed: number;
  readonly published: number;
  readonly pending: number;
  readonly covered: number;
  readonly dead: number;
  readonly expired: number;
  readonly stored: number;
  readonly in_flight: number;
  /** Published, and gone from the topic before the tables had absorbed them, which an operator has accepted. */
  readonly lost: number;
  /** Landed, and erased before it was published. */
  readonly erased: number;
}

// ---------------------------------------------------------------- topic

export interface TopicMessage {
  readonly partition: number;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PartitionOffsets {
  readonly partition: number;
  /** First offset still on the topic. */
  readonly low: number;
  /** Offset that the next message will take. */
  readonly high: number;
}

export interface Topic {
  /** Sends and waits for every partition's acknowledgement; answers the offset of the first message per partition. */
  send(topic: string, messages: readonly TopicMessage[]): Promise<ReadonlyMap<number, number>>;
  offsets(topic: string): Promise<readonly PartitionOffsets[]>;
}

export interface TopicAdmin extends Topic {
  ensureTopic(topic: TopicSpec): Promise<'created' | 'present'>;
}

// ---------------------------------------------------------------- registry

export interface SchemaVersion {
  readonly id: SchemaId;
  readonly schema: object;
}

export interface Registry {
  /** Registers a schema and answers its id; the same text answers the same id. Refuses one that is not FULL_TRANSITIVE. */
  register(subject: string, schema: object): Promise<SchemaId>;
  /** Every version of a subject, oldest first; empty when the subject is unknown. */
  versions(subject: string): Promise<readonly SchemaVersion[]>;
}

// ---------------------------------------------------------------- stream

export type JobState = 'PENDING' | 'RUNNING' | 'CANCELLING' | 'SUCCESS' | 'FAILED' | 'CANCELLED' | 'UNKNOWN';

/** A job that goes on for ever, or one that reads what is there and ends. */
export type JobMode = 'streaming' | 'available-now';

export interface Jobs {
  start(job: { clientToken: string; name: string; mode: JobMode; arguments: readonly string[] }): Promise<string>;
  state(jobRun: string): Promise<{ readonly state: JobState; readonly detail: string }>;
  cancel(jobRun: string, graceSeconds: number): Promise<void>;
}

/** The checkpoints of the Spark job, a folder per generation: each starts from the database, so none outlives its job. */
export interface Checkpoints {
  /** Removes those of older generations and answers which. */
  removeBefore(generation: number): Promise<readonly number[]>;
}

/** The folder that the Spark job reads its manifest and schemas from. */
export interface Artifacts {
  write(name: string, text: string): Promise<void>;
}

/** Who changes the application that runs the jobs, asks for peace first. */
export interface Hold {
  /** Until when no job may be started; null, or a time that has passed, when one may. */
  until(): Promise<Date | null>;
}

// ---------------------------------------------------------------- other steps

export interface Steps {
  /** Asynchronous: answers once the call is accepted, not once it is done. */
  wake(step: string, event: object): Promise<void>;
}
