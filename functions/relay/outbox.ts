import type { LandedRow } from '../ports.ts';

/** Where the relay stands: the last row it published, and the offset each partition is expected to give next. */
export interface Position {
  readonly seq: number;
  readonly ends: readonly number[];
}

/** Offsets [from, until) of a partition that belong to a run. */
export interface PublishedRange {
  readonly run: string;
  readonly partition: number;
  readonly from: number;
  readonly until: number;
}

/** One turn of the relay, inside the transaction that holds the fence. */
export interface Turn {
  readonly position: Position;
  /** Rows after `seq`, in its order: at most `rows` of them and about `bytes` of payload, but always one if there is one. */
  read(limit: { rows: number; bytes: number }): Promise<readonly LandedRow[]>;
  advance(position: Position, published: readonly PublishedRange[]): Promise<void>;
}

export interface Outbox {
  /** Runs `work` behind the pipeline's fence; `busy` when another relay holds it. */
  inTurn<T>(pipeline: string, work: (turn: Turn) => Promise<T>): Promise<T | 'busy'>;
  /** Whether rows wait, asked without the fence. */
  hasRows(pipeline: string): Promise<boolean>;
}
