import { describe, expect, it } from 'vitest';
import { absorbed } from '../../../local/backfill/absorbed.ts';
import { answer, tally } from '../reconcile/answers.ts';

const asked = { pipeline: 'p', until: 'u' };

/** The tables have so many of ten records, look by look; the last number stays. */
function follow(counts: readonly number[], signal = new AbortController().signal) {
  const seen: number[] = [];
  let looks = 0;
  const call = async <A>(): Promise<A> => {
    const stored = counts[Math.min(looks, counts.length - 1)] ?? 0;
    looks += 1;
    return answer({ totals: tally({ landed: 10, stored, dead: 1, expired: 1 }) }) as A;
  };
  const onProgress = (done: number) => seen.push(done);
  return absorbed({ call }, asked, { onProgress, signal, everyMs: 1, stallMs: 100 }).then(({ totals }) => ({
    seen: [...new Set(seen)],
    stored: totals.stored,
    looks,
  }));
}

describe('What has landed is followed', () => {
  it.each([
    ['until the tables have all that did not die', [2, 5, 8], [4, 7, 10], 8, 3],
    ['no further when they have it already', [8], [10], 8, 1],
    ['for a while when nothing moves', [2, 3], [4, 5], 3, expect.any(Number)],
  ])('%s', async (_, counts, seen, stored, looks) => {
    expect(await follow(counts)).toEqual({ seen, stored, looks });
  });

  it('no longer than somebody wants', async () => {
    expect(await follow([2], AbortSignal.abort())).toEqual({ seen: [4], stored: 2, looks: 1 });
  });
});
