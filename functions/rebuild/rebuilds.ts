import type { Loss } from '../supervise/orders.ts';
import type { Era, Offsets, Ranges } from './lacking.ts';

/** What of a topic is replayed into which table. */
export interface Asked {
  readonly pipeline: string;
  readonly table: string;
  readonly begins: Offsets;
  readonly ranges: Ranges;
  /** Records per second at most. */
  readonly rate: number;
}

/** How far a replay has come: every message of it is stored, dead or expired, as it was when the stream read it. */
export interface Progress {
  readonly replayed: number;
  readonly stored: number;
  readonly dead: number;
  readonly expired: number;
}

export interface Rebuild extends Asked, Progress {
  readonly id: number;
  readonly total: number;
  /** null: on file, but not yet known to be started. */
  readonly jobRun: string | null;
  readonly state: 'running' | 'done' | 'failed';
  readonly reason: string | null;
}

/** Runs that a table lacks and the topic has no more. */
export interface OutOfReach {
  /** How many of them the source could be asked for again. */
  readonly count: number;
  /** Their instants, oldest first, as many as one answer holds. */
  readonly instants: readonly string[];
  /** Runs of other kinds, such as redrives: their records are in landing, or gone. */
  readonly others: number;
}

/** Rebuilds on file, and what is on file of the stream. */
export interface Rebuilds {
  /** The loss that the pipeline's stream reported, if any; undefined when the pipeline is unknown. */
  loss(pipeline: string): Promise<Loss | null | undefined>;
  /** Newest first. */
  eras(pipeline: string, table: string): Promise<readonly Era[]>;
  /** The newest of a table. */
  newest(pipeline: string, table: string): Promise<Rebuild | undefined>;
  find(id: number): Promise<Rebuild | undefined>;
  /** Oldest version of what was published from these offsets on; null when nothing was. */
  oldestSince(pipeline: string, begins: Offsets): Promise<number | null>;
  /** Runs published below these offsets, whose rows are not older than `since`, and which were not fetched again. */
  outOfReach(pipeline: string, table: string, below: Offsets, since: Date): Promise<OutOfReach>;
  /** Puts one on file, with who asked; refuses when another is under way. One without ranges is done. */
  begin(asked: Asked, who: string, refetch: boolean): Promise<Rebuild>;
  started(id: number, jobRun: string): Promise<void>;
  end(id: number, state: 'done' | 'failed', reason: string): Promise<void>;
}

/** What a table holds. */
export interface TableRows {
  /** Whether the table is there. */
  exists(table: string): Promise<boolean>;
  /** Write times of some rows, null where none could be read. */
  written(table: string): Promise<readonly (number | null)[]>;
}
