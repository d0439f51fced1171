import type { DeadLetter, LetterFilter, PageToLand } from '../ports.ts';
import type { Again, Refusal } from './again.ts';

/** A dead letter as a redrive takes it up; `payload` of what had landed is the record. */
export interface TakenLetter extends Omit<DeadLetter, 'payload'> {
  readonly payload: DeadLetter['payload'];
  readonly attempts: number;
}

/** What an operator asked for. */
export interface Asked {
  readonly filter: LetterFilter;
  /** Take those that were parked, and not the open ones. */
  readonly parked: boolean;
  /** Letters at most. */
  readonly limit: number;
  /** Records per second at most. */
  readonly rate: number;
}

/** How far a redrive has come. */
export interface Progress {
  /** Letters that were judged: they landed, or died again. */
  readonly received: number;
  readonly landed: number;
  readonly rejected: number;
  /** Letters that are none of ours to carry on, by the reason why. */
  readonly refused: Readonly<Partial<Record<Refusal, number>>>;
  readonly done: boolean;
}

export interface Redrive {
  readonly run: string;
  readonly asked: Asked;
  readonly progress: Progress;
}

export interface FoundLetters {
  readonly at: string;
  readonly reason: string;
  readonly count: number;
  /** Of these, messages that are not our relay's. */
  readonly foreign: number;
}

/** How the stream stands, which decides when what lands reaches the tables. */
export type StreamState = 'running' | 'stopped' | 'data_loss';

/** Dead letters, and the runs that drive them again. */
export interface Redrives {
  stream(pipeline: string): Promise<StreamState>;
  find(pipeline: string, asked: Asked): Promise<readonly FoundLetters[]>;
  /** The first letters in the order in which they are taken. */
  sample(pipeline: string, asked: Asked, count: number): Promise<readonly TakenLetter[]>;
  /**
   * Puts the run on file, with who asked for what. Refuses it (`under_way`) while another one of the pipeline is at
   * work, and ends one that nobody goes on with.
   */
  begin(pipeline: string, run: string, who: string, asked: Asked): Promise<Redrive>;
  /** One that has begun; undefined when there is none of that name. */
  resume(pipeline: string, run: string): Promise<Redrive | undefined>;
  /**
   * Takes at most `size` letters and does with each what `judge` says, in one transaction with the page's marker and the
   * progress; a record whose key is suppressed dies again. The last page, which finds fewer or takes all of `left`, closes the run.
   */
  page(
    pipeline: string,
    run: string,
    of: { readonly size: number; readonly left: number; readonly keyOf: PageToLand['keyOf'] },
    judge: (letter: TakenLetter) => Again,
  ): Promise<{ readonly taken: number; readonly landed: number; readonly progress: Progress }>;
}
