import { describe, expect, it } from 'vitest';
import { imbalances, quantile, verdictOf } from '../../../local/once/verdict.ts';

const account = {
  pipeline: 'random-users',
  run: '2026-11-24T17:00:00Z',
  source: 'live',
  requested: 100,
  closed: true,
  received: 100,
  short: 0,
  rejected: 4,
  landed: 96,
  published: 96,
  pending: 0,
  covered: 96,
  dead: 3,
  expired: 1,
  stored: 92,
  in_flight: 0,
  lost: 0,
  erased: 0,
};

describe('The verdict', () => {
  it('is balanced when every record received is in the tables, dead, or expired', () => {
    const measured = { table: 92, erased: 0, seconds: { start: 1, path: 2 }, latencies: [30, 10, 20] };
    expect(verdictOf(account, measured)).toEqual({
      verdict: 'balanced',
      pipeline: 'random-users',
      run: '2026-11-24T17:00:00Z',
      source: 100,
      rejected: 4,
      landing: 96,
      topic: 96,
      stream: 96,
      table: 92,
      dead: 7,
      expired: 1,
      lost: 0,
      erased: 0,
      seconds: { start: 1, path: 2 },
      latencyMs: { p50: 20, p99: 30 },
    });
  });

  it('is balanced when somebody had records erased, on their way or later', () => {
    const erased = { ...account, published: 90, covered: 90, erased: 6 };
    const measured = { table: 84, erased: 2, seconds: { start: 1, path: 2 }, latencies: [] };
    expect(verdictOf(erased, measured)).toMatchObject({ verdict: 'balanced', topic: 90, table: 84, erased: 8 });
    expect(imbalances(erased, 83, 2)).toEqual(['table 83 is not stream 90 - dead 3 - expired 1 - erased 2']);
    expect(imbalances({ ...erased, erased: 5 }, 86)).toEqual(['topic 90 is not landing 96 - erased 5']);
  });

  it('is balanced when somebody has accepted that the topic lost records, and says how many', () => {
    const lossy = { ...account, covered: 90, stored: 86, lost: 6 };
    const measured = { table: 86, erased: 0, seconds: { start: 1, path: 2 }, latencies: [] };
    expect(imbalances(lossy, 86)).toEqual([]);
    expect(verdictOf(lossy, measured)).toMatchObject({ verdict: 'balanced', topic: 96, stream: 90, lost: 6 });
  });

  it.each([
    ['a page has not landed', { closed: false }, 92, /not closed/],
    [
      'a received record is neither landed nor rejected',
      { received: 101 },
      92,
      /source 101 is not landing 96 \+ rejected 4/,
    ],
    ['a landed record is not published', { published: 95, covered: 95 }, 91, /topic 95 is not landing 96/],
    ['a published record is not covered', { covered: 95 }, 91, /stream 95 is not topic 96/],
    ['more is missing than was lost', { covered: 80, lost: 6 }, 76, /stream 80 \+ lost 6 is not topic 96/],
    ['a row is missing in a table', {}, 91, /table 91 is not stream 96 - dead 3 - expired 1/],
  ])('is unbalanced, saying why, when %s', (_, changes, table, problem) => {
    const changed = { ...account, ...changes };
    expect(imbalances(changed, table)).toEqual([expect.stringMatching(problem)]);
    expect(verdictOf(changed, { table, erased: 0, seconds: { start: 0, path: 0 }, latencies: [] }).verdict).toBe(
      'unbalanced',
    );
  });
});

describe('A quantile', () => {
  it.each([
    [[], 0.5, null],
    [[7], 0.99, 7],
    [[4, 1, 3, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.99, 4],
  ])('of %j at %d is %s', (values, q, expected) => {
    expect(quantile(values, q)).toBe(expected);
  });
});
