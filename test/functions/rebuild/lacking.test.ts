import { describe, expect, it } from 'vitest';
import {
  beginningOf,
  type Era,
  isFilled,
  type Offsets,
  outOfReach,
  replayable,
  sizeOf,
} from '../../../functions/rebuild/lacking.ts';

const era = (hasTable: boolean, start: number | null): Era => ({
  starts: start === null ? null : { 0: start },
  hasTable,
});

describe('The stream’s own writes into a table begin', () => {
  it.each<[what: string, newestFirst: Era[], begins: number | null]>([
    ['nowhere before the first generation', [], null],
    ['nowhere while the newest generation lacks it', [era(false, 9), era(true, 5)], null],
    ['at the start of the only generation that has it', [era(true, 9), era(false, 5)], 9],
    ['at the start of the first of several', [era(true, 9), era(true, 5), era(false, 0)], 5],
    ['at the very first offset when every generation has it', [era(true, 9), era(true, 0)], 0],
    ['behind a generation that lacked it in between', [era(true, 9), era(false, 7), era(true, 5)], 9],
    ['as if those had not been that left the pipeline out', [era(true, 9), era(false, null), era(true, 5)], 5],
    ['nowhere when no generation hosts the pipeline', [era(true, null)], null],
  ])('%s', (_what, newestFirst, begins) => {
    expect(beginningOf(newestFirst)).toEqual(begins === null ? null : { 0: begins });
  });
});

describe('Of what a table lacks', () => {
  it.each<
    [what: string, low: number, high: number, begins: number | undefined, has: [number, number] | null, gone: number]
  >([
    ['the topic has all', 0, 20, 9, [0, 9], 0],
    ['the topic has the younger part', 4, 20, 9, [4, 9], 4],
    ['the topic has nothing any more', 9, 20, 9, null, 9],
    ['the topic has nothing, and has lost more than that', 15, 20, 9, null, 9],
    ['there is nothing', 0, 20, 0, null, 0],
    ['there is nothing where a partition is new', 0, 20, undefined, null, 0],
    ['nothing lies beyond the end of the topic', 0, 5, 9, [0, 5], 0],
  ])('%s', (_what, low, high, begins, has, gone) => {
    const topic = [{ partition: 0, low, high }];
    const beginning: Offsets = begins === undefined ? {} : { 0: begins };
    expect(replayable(topic, beginning)).toEqual(has === null ? {} : { 0: has });
    expect(outOfReach(topic, beginning)).toEqual(gone === 0 ? {} : { 0: gone });
  });

  it('each partition is looked at by itself', () => {
    const topic = [
      { partition: 0, low: 2, high: 20 },
      { partition: 1, low: 0, high: 20 },
    ];
    const ranges = replayable(topic, { 0: 9, 1: 3 });
    expect(ranges).toEqual({ 0: [2, 9], 1: [0, 3] });
    expect(sizeOf(ranges)).toBe(10);
  });
});

describe('A table is filled', () => {
  it.each<[what: string, written: (number | null)[], oldest: number | null, isIt: boolean]>([
    ['not when it has no row', [], 100, false],
    ['not when it has no row, and the stream has brought nothing', [], null, false],
    ['not by what the stream has brought', [100, 250], 100, false],
    ['by a row that is older than that', [100, 99], 100, true],
    ['by any row when the stream has brought nothing', [100], null, true],
    ['not by rows whose write time nobody can read, beside what was brought', [null], 100, false],
  ])('%s', (_what, written, oldest, isIt) => {
    expect(isFilled(written, oldest)).toBe(isIt);
  });
});
