import { beforeAll, describe, expect, it } from 'vitest';
import { pythonMs, runPython } from './python.ts';

interface Play {
  said: string[];
  /** Seconds at which the query was started. */
  starts: number[];
  over: boolean;
  failed: boolean;
}
interface Answers {
  plays: Play[];
  stuck: number;
  waits: number[];
  offsets: unknown;
  ranges: unknown;
}

const loss = 'Some data may have been lost ... set the source option "failOnDataLoss" to "false".';
const plays: { what: string; ends: (string | null)[]; attempts?: number; runs?: number; expected: Partial<Play> }[] = [
  {
    what: 'a query that has read everything is over',
    ends: [null],
    expected: { said: ['started'], over: true, failed: false },
  },
  {
    what: 'a failed query comes back after a growing rest, and says once that it has started',
    ends: ['cassandra is away', 'cassandra is away', null],
    expected: { said: ['started'], starts: [0, 2, 5], over: true, failed: false },
  },
  {
    what: 'a query whose offsets are gone is not started again',
    ends: [loss, null],
    expected: { said: ['started', 'stopped data_loss'], over: true, failed: true },
  },
  {
    what: 'a batch job gives up after its attempts',
    ends: ['no', 'no', null],
    attempts: 2,
    expected: { said: ['started', 'stopped failed'], over: true, failed: true },
  },
  {
    what: 'a failure after a long healthy time is a first one',
    ends: ['no', 'no', 'no', null],
    attempts: 2,
    runs: 400,
    expected: { over: true, failed: false },
  },
];

let answers: Answers;
beforeAll(async () => {
  answers = await runPython<Answers>('supervise-queries.py', { plays });
}, pythonMs);

describe('the supervision of queries', () => {
  it.each(plays.map(({ what, expected }, index) => ({ what, expected, index })))('$what', ({ expected, index }) => {
    expect(answers.plays[index]).toMatchObject(expected);
  });

  it('rests twice as long after each failure, a minute at most', () => {
    expect(answers.waits).toEqual([1, 2, 4, 60, 60]);
  });

  it('ends the process when a batch does not end', () => {
    expect(answers.stuck).toBe(91);
  });

  it('starts at the beginning of a partition that no offset is given for', () => {
    expect(answers.offsets).toEqual({ 'a.v1': { 0: 12, 1: -2, 2: -2 } });
  });
});

describe('the ranges of a coverage message', () => {
  it('join neighbouring offsets, in whatever order they come', () => {
    expect(answers.ranges).toEqual([
      [3, 6],
      [7, 8],
      [9, 10],
    ]);
  });
});
