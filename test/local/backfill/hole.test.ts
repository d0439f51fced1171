import { describe, expect, it } from 'vitest';
import { holeOf } from '../../../local/backfill/hole.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';

const now = new Date('2026-11-24T17:00:30Z');

describe('The hole that somebody names', () => {
  it.each([
    ['is an interval without its end', '2026-11-24T15:00:00Z', '2026-11-24T15:03:00Z', '2026-11-24T15:03:00Z', 3],
    ['ends now when more is said', '2026-11-24T16:59:00Z', '2026-11-25T00:00:00Z', '2026-11-24T17:00:30Z', 2],
  ])('%s', (_, from, to, until, instants) => {
    expect(holeOf(randomUsers, from, to, now)).toMatchObject({
      from: new Date(from),
      until: new Date(until),
      instants,
    });
  });

  it.each([
    ['ends before it starts', '2026-11-24T15:00:00Z', '2026-11-24T14:00:00Z', /starts before it ends/],
    ['is empty', '2026-11-24T15:00:00Z', '2026-11-24T15:00:00Z', /starts before it ends/],
    ['lies in the future', '2026-11-25T00:00:00Z', '2026-11-26T00:00:00Z', /expected one that has begun/],
    ['lies between two instants', '2026-11-24T15:00:10Z', '2026-11-24T15:00:50Z', /at least one instant of every/],
  ])('that %s is refused', (_, from, to, message) => {
    expect(() => holeOf(randomUsers, from, to, now)).toThrow(message);
  });

  it('is refused when its source gives something else later', () => {
    const snapshot = { ...randomUsers, source: { ...randomUsers.source, replayable: false as const } };
    expect(() => holeOf(snapshot, '2026-11-24T15:00:00Z', '2026-11-24T16:00:00Z', now)).toThrow(
      /expected a source that gives an old instant's records when it is asked later, got one that says replayable: false/,
    );
  });
});
