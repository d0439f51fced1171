import type { PipelineRecord } from '../../streaming/definition.ts';
import type { LandedRow } from '../ports.ts';

/** What is kept of a pipeline in PostgreSQL, as erase looks at it and empties it. */
export interface Books {
  /** Those of the keys that are suppressed, with since when. */
  suppressed(keys: readonly string[]): Promise<ReadonlyMap<string, Date>>;
  /** From then on nothing of the keys lands. Answers the number of the operation that is on file with it. */
  suppress(keys: readonly string[], who: string): Promise<number>;
  /** Rows of the keys in the next stretch of landing after a seq, and where that ends; null when it is the last. */
  landed(keys: readonly string[], after: number): Promise<{ rows: readonly LandedRow[]; next: number | null }>;
  /** Leaves of rows only where they were; those that the relay has not published it will pass by. */
  empty(seqs: readonly number[]): Promise<void>;
  /** The key of each dead letter that holds one of the keys. */
  letters(keys: readonly string[]): Promise<readonly string[]>;
  /** Empties them, and those of rows that were emptied; answers how many. */
  emptyLetters(keys: readonly string[]): Promise<number>;
  /** The key of each audit message that nobody could read and that holds one of the keys. */
  unreadable(keys: readonly string[]): Promise<readonly string[]>;
  /** Empties them; answers how many. */
  emptyUnreadable(keys: readonly string[]): Promise<number>;
  /** What came of the operation. */
  note(operation: number, answer: object): Promise<void>;
}

/** A row of a table: the record's key, and the whole key of the table in the order of its columns. */
export interface TableRow {
  readonly key: string;
  readonly at: readonly unknown[];
}

export interface ErasableTable {
  readonly name: string;
  /** Whether its rows are found by the record's key alone; otherwise only by reading the table. */
  readonly isByKey: boolean;
  /** Where a record lies, whether it has arrived or not. */
  rowOf(record: PipelineRecord): TableRow;
  /** Rows of a key; of a table that is found by it. */
  rowsOf(key: string): Promise<readonly TableRow[]>;
  /** The next rows of the whole table, in the order of their tokens. */
  scan(at: string | null): Promise<{ rows: readonly TableRow[]; at: string | null }>;
  /** Removes rows as of a time in microseconds; what was written with it or before stays gone, whenever it comes. */
  remove(rows: readonly TableRow[], micros: number): Promise<void>;
}
