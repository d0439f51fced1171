import { describe, expect, it } from 'vitest';
import { reportOf } from '../../../functions/reconcile/tally.ts';
import { accountLines, comparedLines, isBalanced, verdictOf } from '../../../local/reconcile/text.ts';
import { account } from '../../functions/reconcile/accounts.ts';
import { answer, tally } from './answers.ts';

const quiet = new Date('2026-11-24T17:00:00Z');
const runOf = (changes = {}) => {
  const time = new Date('2026-11-24T15:00:00Z');
  return reportOf({ ...account({ run: '2026-11-24T15:00:00Z', ...changes }), time, moved_at: time }, quiet);
};
const compared = { pipeline: 'p', rows: 9, gone: 0, compared: 9, dead: 0, expired: 0, erased: 0, astray: [] };
const astray = { seq: 7, run: 'r', origin: 1, version: 2, tables: { users: 'missing', by_country: 'older' } } as const;

describe('The verdict', () => {
  it.each([
    ['balanced', {}, true],
    ['balanced, 2 under way', { underWay: 2 }, true],
    ['balanced, 57 lost', { balanced: 0, lossy: 1, lost: 57 }, true],
    ['1 unbalanced', { unbalanced: 1 }, false],
    ['3 missing', { runs: 0, missing: 3 }, false],
    ['1 unbalanced, 3 missing, 1 under way', { unbalanced: 1, missing: 3, underWay: 1 }, false],
    ['no runs', { runs: 0 }, true],
  ])('is "%s"', (verdict, changes, balanced) => {
    expect(verdictOf(tally(changes))).toBe(verdict);
    expect(isBalanced(answer({ totals: tally(changes) }))).toBe(balanced);
  });

  it('is that of the comparison too', () => {
    expect(isBalanced(answer(), compared)).toBe(true);
    expect(isBalanced(answer(), { ...compared, astray: [astray] })).toBe(false);
  });
});

describe('The lines', () => {
  it('are a table of hours, the sums and the verdict', () => {
    const text = accountLines(answer(), false).join('\n');
    expect(text).toMatch(/^random-users, 2026-11-24T15:00:00.000Z until 2026-11-24T17:00:00.000Z\n/);
    expect(text).toMatch(/2026-11-24T15:00:00Z .* balanced/);
    expect(text).toContain('source 10 = landing 9 + rejected 1; topic 9; tables 8, dead 1, expired 0, lost 0');
    expect(text).toMatch(/\n {2}balanced$/);
  });

  it('say of a run that does not balance which equation, and by how much', () => {
    const text = accountLines(answer({ runs: [runOf({ covered: 90 }), runOf()] }), true).join('\n');
    expect(text).toContain('  2026-11-24T15:00:00Z: stream 90 is not topic 96');
    expect(text).toMatch(/2026-11-24T15:00:00Z .* unbalanced/);
    expect(text).toMatch(/2026-11-24T15:00:00Z .* balanced/);
  });

  it('say of a run whose records were lost how many, and how they come back', () => {
    const lines = accountLines(answer({ runs: [runOf({ covered: 90, stored: 86, lost: 6 })] }), true);
    expect(lines).toContain(
      '  2026-11-24T15:00:00Z: 6 lost, as an operator accepted; --deep --repair lands them once more',
    );
    expect(lines.join('\n')).toMatch(/2026-11-24T15:00:00Z .* lost/);
  });

  it('name the instants without a run, those of an hour in one line', () => {
    const minutes = ['15:01', '15:02', '15:03', '16:00'].map((time) => `2026-11-24T${time}:00Z`);
    const lines = accountLines(answer({ missing: minutes }), false);
    expect(lines).toContain('  2026-11-24T15:01:00Z and 2 more until 2026-11-24T15:03:00Z: no run');
    expect(lines).toContain('  2026-11-24T16:00:00Z: no run');
  });

  it('are cut when there are many', () => {
    const runs = Array.from({ length: 30 }, () => runOf({ covered: 90 }));
    const lines = accountLines(answer({ runs }), false);
    expect(lines.filter((line) => line.includes('is not topic'))).toHaveLength(20);
    expect(lines).toContain('  and 10 more such lines: --json has all');
  });

  it('of a comparison say what was left out and what is not as it landed', () => {
    expect(comparedLines(compared)).toEqual([
      '  of 9 rows of landing 9 were compared',
      '  every one is in every table',
    ]);
    expect(comparedLines({ ...compared, rows: 11, gone: 3, dead: 2, astray: [astray] })).toEqual([
      '  of 14 rows of landing 9 were compared; left out: 2 dead, 3 kept no more by landing',
      '  r, row 7 (version 2): not in users, older in by_country',
      '  1 are not in every table as they landed',
    ]);
  });
});
