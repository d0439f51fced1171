import { describe, expect, it } from 'vitest';
import { redriveEvent } from '../../../functions/redrive/event.ts';

const asked = (filter: object | undefined, more: object = {}) =>
  redriveEvent.safeParse({ pipeline: 'random-users', who: 'somebody', filter, ...more });

describe('A redrive is refused before anything changes', () => {
  it.each<[string, object | undefined, object, string]>([
    ['without a filter', undefined, {}, 'a filter, or the cursor'],
    ['with an empty filter', {}, {}, 'a redrive of everything is refused'],
    ['with nothing but which state', { parked: true }, {}, 'a redrive of everything is refused'],
    ['with a word that filters nothing', { reasons: 'missing' }, {}, 'Unrecognized key'],
    ['at a noun that is none', { at: 'cloud' }, {}, 'Invalid option'],
    ['with no identity', { identities: [] }, {}, 'Too small'],
    [
      'with an interval that ends before it starts',
      { since: '2026-11-24T17:00:00Z', until: '2026-11-24T16:00:00Z' },
      {},
      'ends after it starts',
    ],
    ['with a beginning that has not come', { since: '2199-01-01T00:00:00Z' }, {}, 'since to have passed'],
    ['when nobody asks', { reason: 'missing' }, { who: '' }, 'Too small'],
    ['when it begins and goes on', { reason: 'missing' }, { cursor: 'redrive:a' }, 'a filter, or the cursor'],
    [
      'when it names both letters and rows',
      { reason: 'missing' },
      { rows: [1], dryRun: false },
      'a filter, or the cursor',
    ],
    ['when it names rows and does not mean it', undefined, { rows: [1] }, 'dryRun: false with rows'],
    ['when it names no row', undefined, { rows: [], dryRun: false }, 'Too small'],
    ['at no rate', { reason: 'missing' }, { rate: 0 }, 'Too small'],
  ])('%s', (_, filter, more, message) => {
    const { success, error } = asked(filter, more);
    expect([success, error?.message]).toEqual([false, expect.stringContaining(message)]);
  });

  it.each([
    ['at', 'source'],
    ['reason', 'missing'],
    ['run', 'r'],
    ['identities', ['1']],
    ['since', '2026-11-24T17:00:00Z'],
    ['until', '2026-11-24T17:00:00Z'],
  ])('but not with %s alone, and does nothing unless it is told to', (name, value) => {
    expect(asked({ [name]: value }).data).toMatchObject({ dryRun: true, filter: { parked: false } });
  });
});
