import { describe, expect, it } from 'vitest';
import { type Figure, perRecord, quantileMs, rate } from './figures.ts';
import { tables, verdictOf } from './record.ts';

const less: Figure = { name: 'time', value: 10, unit: 's', must: 10, stretch: 6 };
const more: Figure = { name: 'rate', value: 3015, unit: 'records/s', must: 3015, stretch: 6030, more: true };

describe('A figure', () => {
  it.each([
    ['at its must', less, 'must'],
    ['at its stretch', { ...less, value: 6 }, 'stretch'],
    ['above its must', { ...less, value: 10.1 }, 'missed'],
    ['whose more is better, at its must', more, 'must'],
    ['whose more is better, at its stretch', { ...more, value: 6030 }, 'stretch'],
    ['whose more is better, below its must', { ...more, value: 3014 }, 'missed'],
    ['without a goal', { name: 'x', value: 1, unit: 's' }, ''],
  ])('%s: %s', (_, figure, verdict) => {
    expect(verdictOf(figure)).toBe(verdict);
  });

  it('of CPU is in microseconds a record, of a rate in records a second', () => {
    expect([perRecord('relay', 3, 100_000).value, rate('relay', 100_000, 4).value]).toEqual([30, 25_000]);
  });

  it('of a quantile is one of the values', () => {
    expect([0.5, 0.99].map((q) => quantileMs([4, 1, 3, 2], q))).toEqual([2, 4]);
  });
});

describe('The page', () => {
  it('shows each figure with its goals and what was met', () => {
    const recorded = { what: 'a start', date: '2026-11-24', machine: '2 cores', figures: [less] };
    expect(tables({ start: recorded })).toContain('| time | 10 s | 10 | 6 | must |');
  });
});
