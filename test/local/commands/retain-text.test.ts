import { describe, expect, it } from 'vitest';
import type { Day, RetainAnswer } from '../../../functions/retain/retain.ts';
import { dayLines, due } from '../../../local/commands/retain-text.ts';

const day: Day = { day: '2026-11-19', rows: 100, owed: 0, keptUntil: '2026-11-27T00:00:00.000Z', verdict: 'due' };
const answer: RetainAnswer = { dryRun: true, made: [], days: [day], inNet: 0 };
const said = (part: Partial<RetainAnswer>) => dayLines({ ...answer, ...part }).join('\n');

describe('npm run retain', () => {
  it.each<[string, Partial<RetainAnswer>, RegExp]>([
    ['a day with its rows and its verdict', {}, /2026-11-19 .* 100 .* 100 .* 2026-11-27 .* due/],
    [
      'what is not covered, and what to do',
      { days: [{ ...day, owed: 30, verdict: 'owed' }] },
      / 100 .* 70 .*kept: not all[\s\S]*npm run reconcile/,
    ],
    ['that nothing is old enough', { days: [] }, /No day of landing is old enough/],
    ['what was made', { made: ['landing_2026_12_04'] }, /Made ahead: landing_2026_12_04/],
    ['rows that have no day', { inNet: 7 }, /7 rows landed on days that nobody had made ready/],
  ])('says %s', (_, part, expected) => {
    expect(said(part)).toMatch(expected);
  });

  it('counts a run that goes on on another day as no less than nothing', () => {
    expect(said({ days: [{ ...day, owed: 300, verdict: 'owed' }] })).toMatch(/ 100 .* 0 .*kept: not all/);
  });

  it('counts what is due', () => {
    expect(due({ ...answer, days: [day, { ...day, verdict: 'kept' }, day] })).toEqual({ days: 2, rows: 200 });
  });
});
