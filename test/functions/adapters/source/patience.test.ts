import { expect, it } from 'vitest';
import { pauseMs } from '../../../../functions/adapters/source/patience.ts';

const pace = { retries: 4, firstPauseMs: 500, longestPauseMs: 3000 };
const now = Date.parse('2026-11-24T17:00:00Z');

it.each([
  [0, 500],
  [1, 1000],
  [2, 2000],
  [3, 3000],
  [9, 3000],
])('Retry %i comes after at most %i ms, anywhere in between', (retry, most) => {
  const pauses = Array.from({ length: 500 }, () => pauseMs(pace, retry, null, now));
  expect(Math.max(...pauses)).toBeLessThanOrEqual(most);
  expect(Math.max(...pauses)).toBeGreaterThan(most * 0.9);
  expect(Math.min(...pauses)).toBeLessThan(most * 0.1);
});

it.each([
  ['7', 7000],
  ['Tue, 24 Nov 2026 17:00:09 GMT', 9000],
  ['3600', 3_600_000],
])('Retry-After: %s is never undercut', (retryAfter, least) => {
  expect(pauseMs(pace, 0, retryAfter, now)).toBe(least);
});

it.each(['soon', 'Tue, 24 Nov 2026 16:00:00 GMT', '-5', ''])('Retry-After: %s says nothing', (retryAfter) => {
  expect(pauseMs(pace, 0, retryAfter, now)).toBeLessThanOrEqual(500);
});
