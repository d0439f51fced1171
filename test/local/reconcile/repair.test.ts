import { describe, expect, it } from 'vitest';
import { arrived, repair } from '../../../local/reconcile/repair.ts';
import { answer, tally } from './answers.ts';

describe('A repair', () => {
  it('names the rows that are astray and no other, a thousand for each run', async () => {
    const asked: { rows: number[] }[] = [];
    const call = async <A>(step: string, event: object): Promise<A> => {
      expect([step, event]).toEqual(['redrive', expect.objectContaining({ pipeline: 'p', who: 'w', dryRun: false })]);
      asked.push(event as { rows: number[] });
      return { run: `redrive:${asked.length}`, landed: asked.at(-1)?.rows.length } as A;
    };
    const astray = Array.from({ length: 1500 }, (_, index) => ({ seq: 7 + index }));
    expect(await repair({ call }, 'p', 'w', astray)).toEqual({ runs: ['redrive:1', 'redrive:2'], landed: 1500 });
    expect(asked.map(({ rows }) => [rows.length, rows[0]])).toEqual([
      [1000, 7],
      [500, 1007],
    ]);
  });
});

describe('What was repaired is followed', () => {
  it.each([
    ['until its runs balance', [{ balanced: 0 }, { balanced: 0, stored: 5 }, { balanced: 1 }], 3],
    ['no further when they do', [{ balanced: 1 }], 1],
  ])('%s', async (_, tallies, looks) => {
    let seen = 0;
    const call = async <A>(): Promise<A> => answer({ totals: tally(tallies[seen++]) }) as A;
    await arrived({ call }, 'p', ['redrive:1'], { everyMs: 1, stallMs: 25_000 });
    expect(seen).toBe(looks);
  });

  it('for a while when nothing moves', async () => {
    const call = async <A>(): Promise<A> => answer({ totals: tally({ balanced: 0 }) }) as A;
    const started = performance.now();
    await arrived({ call }, 'p', ['redrive:1'], { everyMs: 5, stallMs: 60 });
    expect(performance.now() - started).toBeGreaterThan(50);
  });
});
