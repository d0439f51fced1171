import { describe, expect, it } from 'vitest';
import { listNamed, listsIn, noList, rivalsOf } from '../../../../local/scaffold/infer/lists.ts';

const records = (count: number) => Array.from({ length: count }, (_, id) => ({ id }));

describe('The list of records', () => {
  it.each([
    ['is the answer itself', records(2), ['.']],
    ['lies in the answer', { data: { stations: records(2) } }, ['data.stations']],
    ['is the longest', { alerts: records(1), stations: records(5) }, ['stations', 'alerts']],
    ['is not one of a record', { stations: [{ id: 1, types: records(9) }] }, ['stations']],
    ['is not one of numbers', { bbox: [1, 2, 3], features: records(1) }, ['features']],
    ['is not one that no dot path names', { 'a.b': records(3), c: records(1) }, ['c']],
  ])('%s', (_what, answer, paths) => {
    expect(listsIn(answer).map(({ path }) => path)).toEqual(paths);
  });

  it.each([
    ['half as long', 2, ['b']],
    ['shorter', 1, []],
  ])('has rivals: one that is %s', (_what, length, rivals) => {
    const lists = listsIn({ a: records(4), b: records(length) });
    expect(rivalsOf(lists).map(({ path }) => path)).toEqual(rivals);
  });

  it('may be named, but only if it is there', () => {
    const lists = listsIn({ a: records(4), b: records(1) });
    expect(listNamed(lists, 'b').records).toHaveLength(1);
    expect(() => listNamed(lists, 'c')).toThrow('--list: expected one of a (4 records), b (1 records), got c');
  });
});

describe('An answer without records says what it has instead', () => {
  it.each([
    ['an object', { status: 'ok', count: 0 }, /a list of objects somewhere .*got an object with status, count\./],
    ['a list of numbers', [1, 2], /got a list of something else/],
    ['a text', 'hello', /got "hello"/],
    ['an empty list', { data: { stations: [] } }, /got an empty one at data\.stations/],
    ['an empty list as answer', [], /got an empty one at \./],
  ])('%s', (_what, answer, message) => {
    expect(listsIn(answer)).toEqual([]);
    expect(noList(answer, 'answer.json').message).toMatch(message);
  });
});
