import { describe, expect, it } from 'vitest';
import { readRecords } from '../../../functions/audit/read.ts';
import { coverage, dead, record } from './messages.ts';

const readOne = (value: unknown, topic?: string) => readRecords({ records: { x: [record(value, 0, topic)] } })[0];

describe('reading an audit message', () => {
  it.each([
    ['no value', null],
    ['no JSON', '{'],
    ['JSON that is none of ours', { kind: 'else' }],
    ['a range that ends before it begins', coverage(0, 9, 3)],
    ['an empty range', coverage(0, 3, 3)],
    ['more dead than offsets', coverage(0, 0, 3, 4)],
    ['expired offsets outside its range', coverage(0, 0, 3, 0, [[2, 5]])],
    ['a negative offset', dead(0, -1)],
    ['a pipeline that nobody defined', { ...dead(0, 1), pipeline: 'unknown' }],
  ])('keeps %s with the reason', (_what, value) => {
    expect(readOne(value)).toMatchObject({ unreadable: expect.stringMatching(/./) });
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
