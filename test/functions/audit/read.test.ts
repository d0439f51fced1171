import { describe, expect, it } from 'vitest';
import { readRecords } from '../../../functions/audit/read.ts';
import { coverage, dead, record } from './messages.ts';

const readOne = (value: unknown, topic?: string) => readRecords({ records: { x: [record(value, 0, topic)] } })[0];

describe('reading an audit message', () => {
  it('keeps a message without value, saying so', () => {
    expect(readOne(null)).toMatchObject({ unreadable: 'no value' });
  });

  it.each([
    ['no JSON', '{'],
    ['JSON that is none of ours', { kind: 'else' }],
    ['a negative offset', dead(0, -1)],
    ['a negative partition', dead(-1, 0)],
    ['a pipeline that nobody defined', { ...dead(0, 1), pipeline: 'unknown' }],
  ])('keeps %s with the reason', (_what, value) => {
    expect(readOne(value)).toMatchObject({ unreadable: expect.stringMatching(/./) });
  });

  it.each([
    ['a range that ends before it begins', coverage(0, 9, 3)],
    ['an empty range', coverage(0, 3, 3)],
    ['a range before the first offset', coverage(0, -1, 3)],
    ['a range of no partition', coverage(-1, 0, 3)],
    ['more dead than offsets', coverage(0, 1, 4, 4)],
    ['fewer dead than none', coverage(0, 1, 4, -1)],
    ['expired offsets before its range', coverage(0, 1, 4, 0, [[0, 2]])],
    ['expired offsets beyond its range', coverage(0, 1, 4, 0, [[3, 5]])],
    ['expired offsets that are none', coverage(0, 1, 4, 0, [[2, 2]])],
    [
      'one bad range among good ones',
      { ...coverage(0, 0, 3), ranges: [0, 3].flatMap((n) => coverage(0, n, 3).ranges) },
    ],
  ])('keeps %s as a range that is none', (_what, value) => {
    expect(readOne(value)).toMatchObject({ unreadable: 'a range that is none' });
  });

  it.each([
    ['a range whose offsets all died', coverage(0, 1, 4, 3)],
    ['a range whose offsets all expired', coverage(0, 1, 4, 0, [[1, 4]])],
    ['a dead letter at the first offset', dead(0, 0)],
    ['that a query has started', { kind: 'started', pipeline: 'random-users', generation: 1 }],
  ])('believes %s', (_what, value) => {
    expect(readOne(value)).toMatchObject({ message: value });
  });

  it("does not believe a message on another pipeline's topic", () => {
    expect(readOne(dead(0, 1), 'others.v1.audit')).toMatchObject({
      unreadable: expect.stringContaining("another's topic"),
    });
  });

  it('makes any text storable', () => {
    expect(readOne({ ...dead(0, 1), run: 'a\0b', payload: { name: 'x\ud800' } })).toMatchObject({
      message: { run: 'a\uFFFDb', payload: { name: 'x\uFFFD' } },
    });
  });

  it('reads the records of all partitions in their order', () => {
    const reads = readRecords({ records: { a: [record(dead(0, 1), 5), record(coverage(0, 0, 3, 1), 6)] } });
    expect(reads.map((read) => 'message' in read && read.message.kind)).toEqual(['dead', 'coverage']);
  });
});
