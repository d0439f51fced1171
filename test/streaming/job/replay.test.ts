import { beforeAll, describe, expect, it } from 'vitest';
import { pythonMs, runPython } from './python.ts';

type Ranges = Readonly<Record<string, readonly [number, number]>>;

const slices: readonly { what: string; ranges: Ranges; most: number; parts: readonly Ranges[] }[] = [
  { what: 'nothing', ranges: {}, most: 10, parts: [] },
  { what: 'an empty range', ranges: { 0: [5, 5] }, most: 10, parts: [] },
  { what: 'what fits at once', ranges: { 0: [5, 9], 1: [0, 3] }, most: 10, parts: [{ 0: [5, 9], 1: [0, 3] }] },
  {
    what: 'one partition, in order',
    ranges: { 0: [5, 15] },
    most: 4,
    parts: [{ 0: [5, 9] }, { 0: [9, 13] }, { 0: [13, 15] }],
  },
  {
    what: 'two partitions, in equal shares, and what is left of the longer one',
    ranges: { 0: [0, 2], 1: [0, 9] },
    most: 4,
    parts: [{ 0: [0, 2], 1: [0, 2] }, { 1: [2, 6] }, { 1: [6, 9] }],
  },
  {
    what: 'more partitions than records at once',
    ranges: { 0: [0, 1], 1: [0, 1] },
    most: 1,
    parts: [{ 0: [0, 1], 1: [0, 1] }],
  },
];

const plays: readonly { what: string; play: object; expected: object }[] = [
  {
    what: 'takes as long as its rate says, and tells how far it is after every part',
    play: { rate: 500, total: 2000 },
    expected: {
      whole: true,
      // Four parts; it does not rest behind the last.
      seconds: 3.1,
      said: [
        [3, 500],
        [3, 1000],
        [3, 1500],
        [3, 2000],
      ],
    },
  },
  {
    what: 'is as fast as the tables when they are slower than that',
    play: { rate: 500, total: 2000, seconds: 2 },
    expected: { whole: true, seconds: 8 },
  },
  {
    what: 'ends between two parts when it is told to',
    play: { rate: 500, total: 2000, stopped_after: 2 },
    expected: {
      whole: false,
      said: [
        [3, 500],
        [3, 1000],
      ],
    },
  },
  {
    what: 'fails when the topic has fewer messages than offsets, and tells nothing of that part',
    play: { rate: 500, total: 400, missing: 1 },
    expected: { error: expect.stringMatching(/expected 400 messages at .*got 399/), said: [] },
  },
];

interface Answers {
  readonly slices: readonly unknown[];
  readonly plays: readonly unknown[];
  readonly only: readonly unknown[];
}
let answers: Answers;
beforeAll(async () => {
  const asked = { slices, plays: plays.map(({ play }) => play), tables: ['u', 'x'] };
  answers = await runPython<Answers>('replay-slices.py', asked);
}, pythonMs);

describe('a replay is cut into parts:', () => {
  it.each(slices.map(({ what, parts }, index) => ({ what, parts, index })))('$what', ({ parts, index }) => {
    expect(answers.slices[index]).toEqual(parts);
  });
});

describe('a replay', () => {
  it.each(plays.map(({ what, expected }, index) => ({ what, expected, index })))('$what', ({ expected, index }) => {
    expect(answers.plays[index]).toMatchObject(expected);
  });

  it('writes one table alone, which must be one of the pipeline’s', () => {
    expect(answers.only).toEqual([['u'], '--rebuild: expected a table of a (t, u), got x']);
  });
});
