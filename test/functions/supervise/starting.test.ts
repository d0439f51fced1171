import { expect, it } from 'vitest';
import { startOf } from '../../../functions/supervise/starting.ts';

const at = (low: number, high: number, partition = 0) => ({ partition, low, high });

it.each([
  ['an empty topic at its start', [at(0, 0)], [], { offsets: { 0: 0 } }],
  ['a topic of which nothing was absorbed at its start', [at(0, 9)], [], { offsets: { 0: 0 } }],
  ['at the end of the covered prefix', [at(0, 9)], [[0, 4]], { offsets: { 0: 4 } }],
  ['at the very end when all is covered', [at(0, 9)], [[0, 9]], { offsets: { 0: 9 } }],
  ['behind what retention removed, when it was covered', [at(4, 9)], [[0, 4]], { offsets: { 0: 4 } }],
  ['a new partition at its start', [at(0, 9), at(0, 2, 1)], [[0, 4]], { offsets: { 0: 4, 1: 0 } }],
] satisfies [string, ReturnType<typeof at>[], [number, number][], object][])(
  'starts %s',
  (_what, topic, prefixes, expected) => {
    expect(startOf(topic, new Map(prefixes))).toEqual(expected);
  },
);

it('names the hole when retention removed what was not covered', () => {
  expect(startOf([at(6, 9), at(0, 3, 1)], new Map([[0, 4]]))).toEqual({
    loss: { reason: 'expired', holes: [{ partition: 0, from: 4, until: 6 }] },
  });
});

it('calls a topic that ends before its coverage truncated', () => {
  expect(startOf([at(0, 2)], new Map([[0, 4]]))).toEqual({
    loss: { reason: 'truncated', holes: [{ partition: 0, from: 2, until: 4 }] },
  });
});
