import { afterEach, expect, it, vi } from 'vitest';
import { recentDay } from './days.ts';

const dayMs = 24 * 60 * 60_000;
const dayAt = (ms: number) => new Date(ms).toISOString().slice(0, 10);
/** From the first month of 2026 to the eleventh. */
const written = Array.from({ length: 334 }, (_, n) => dayAt(Date.parse('2026-01-01') + n * dayMs));

afterEach(() => vi.useRealTimers());

it('The days of the tests are kept by the tables and differ from each other, on every day of four years', () => {
  vi.useFakeTimers();
  for (let now = Date.parse('2026-12-05T12:00:00Z'); now < Date.parse('2030-12-01'); now += dayMs) {
    vi.setSystemTime(now);
    const days = written.map(recentDay);
    const ages = days.map((day) => (now - Date.parse(day)) / dayMs);
    expect(Math.max(...ages), dayAt(now)).toBeLessThan(364.5);
    expect(Math.min(...ages), dayAt(now)).toBeGreaterThan(1);
    expect(new Set(days).size, dayAt(now)).toBe(written.length);
  }
});

it('A day is as written while the tables keep it', () => {
  vi.useFakeTimers({ now: Date.parse('2027-02-14') });
  expect(recentDay('2026-02-16')).toBe('2026-02-16');
});
