import { describe, expect, it } from 'vitest';
import { replayOf } from '../../streaming/replay.ts';

const ask = {
  seed: 'millrace-trams-20261127T150000Z',
  page: 1,
  size: 100,
  from: '2026-11-27T14:59:00.000Z',
  until: '2026-11-27T15:00:00.000Z',
};
const justBefore = Date.parse(ask.until) - 1000;
const trams = [
  { id: 'a', at: { seen: 1_700_000_000 }, line: 1 },
  { id: 'b', at: { seen: 1_700_000_060 }, line: 2 },
];

describe('A recorded answer', () => {
  it.each([
    ['is given whole', 100, ['a', 'b']],
    ['is cut to what is asked for', 1, ['a']],
  ])('%s', (_what, size, ids) => {
    const page = replayOf(trams, {})({ ...ask, size }) as typeof trams;
    expect(page.map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    ['seconds', 1_700_000_000, 1_700_000_060, justBefore / 1000 - 60, justBefore / 1000],
    ['milliseconds', 1_700_000_000_000, 1_700_000_060_000, justBefore - 60_000, justBefore],
    [
      'ISO texts',
      '2023-11-14T22:13:20Z',
      '2023-11-14T22:14:20Z',
      '2026-11-27T14:58:59.000Z',
      '2026-11-27T14:59:59.000Z',
    ],
  ])('moves its times to the run, as %s', (_what, older, newest, movedOlder, movedNewest) => {
    const recorded = [{ seen: older }, { seen: newest }];
    expect(replayOf(recorded, { time: 'seen' })(ask)).toEqual([{ seen: movedOlder }, { seen: movedNewest }]);
  });

  it('moves no time before 1970, where a version would be none', () => {
    const early = { ...ask, until: '1970-01-01T00:00:10.000Z' };
    expect(replayOf([{ seen: 0 }, { seen: 60 }], { time: 'seen' })(early)).toEqual([{ seen: 0 }, { seen: 9 }]);
  });

  it('keeps everything else, and itself', () => {
    const before = structuredClone(trams);
    const [first] = replayOf(trams, { time: 'at.seen' })(ask);
    expect(first).toMatchObject({ id: 'a', line: 1 });
    expect(trams).toEqual(before);
  });
});

describe('Fresh keys', () => {
  const keys = (change: Partial<typeof ask> = {}, recorded: readonly object[] = trams) =>
    (replayOf(recorded, { key: 'id' })({ ...ask, ...change }) as typeof trams).map(({ id }) => id);

  it('are as many as are asked for, each another', () => {
    expect(new Set(keys())).toHaveProperty('size', 100);
  });

  it('are the same whenever the same page is asked', () => {
    expect(keys()).toEqual(keys());
  });

  it.each([
    ['page', { page: 2 }],
    ['run', { seed: 'millrace-trams-20261127T150100Z' }],
  ])('are others for every %s', (_what, change) => {
    expect(new Set([...keys(), ...keys(change)])).toHaveProperty('size', 200);
  });

  it.each([
    ['a uuid', '66db237e-0aca-11e7-82f6-3863bb44ef7c', /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-a[\da-f]{3}-[\da-f]{12}$/],
    ['a number', 7, /^\d+$/],
    ['a text', 'tram-7', /^tram-7-[\da-f]{12}$/],
  ])('are %s where the source says one', (_what, id, pattern) => {
    expect(String(keys({}, [{ id }])[0])).toMatch(pattern);
  });
});
