import { describe, expect, it } from 'vitest';
import { extractEvent, instantOfEvent } from '../../../functions/extract/event.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';

const now = new Date('2026-11-24T17:00:30Z');
const instantOf = (event: object) =>
  instantOfEvent(randomUsers, extractEvent.parse({ pipeline: 'random-users', ...event }), now).toISOString();

describe('The instant of an event', () => {
  it.each([
    [{ instant: '2026-11-24T16:59:00Z' }, '2026-11-24T16:59:00.000Z'],
    [{ instant: '2026-11-24T17:00:00Z' }, '2026-11-24T17:00:00.000Z'],
    [{ time: '2026-11-24T17:00:00Z' }, '2026-11-24T17:00:00.000Z'],
    [{ time: '2026-11-24T17:00:07.123Z' }, '2026-11-24T17:00:00.000Z'],
    [{ time: '2026-11-24T18:00:07+01:00' }, '2026-11-24T17:00:00.000Z'],
  ])('%j is %s', (event, instant) => expect(instantOf(event)).toBe(instant));

  it.each([
    [{ instant: '2026-11-24T16:59:37Z' }, 'instant_off_grid'],
    [{ instant: 'yesterday' }, 'instant_off_grid'],
    [{ instant: '2026-11-24T17:01:00Z' }, 'instant_in_future'],
    [{ time: '2026-11-24T17:01:07Z' }, 'instant_in_future'],
  ])('%j is refused: %s', (event, code) => {
    expect(() => instantOf(event)).toThrow(expect.objectContaining({ code, retriable: false }));
  });

  it.each([
    {},
    { instant: '2026-11-24T17:00:00Z', time: '2026-11-24T17:00:00Z' },
    { time: 'now' },
    { instant: '2026-11-24T17:00:00Z', records: 0 },
    { instant: '2026-11-24T17:00:00Z', recrods: 5 },
  ])('%j does not fit', (event) => {
    expect(extractEvent.safeParse({ pipeline: 'random-users', ...event }).success).toBe(false);
  });
});
