import { describe, expect, it } from 'vitest';
import type { RebuildAnswer, RebuildPreview } from '../../../functions/rebuild/rebuild.ts';
import { isWhole, planLines, rebuiltLine, restLines } from '../../../local/rebuild/text.ts';

const instants = ['2026-11-01T00:00:00Z', '2026-11-01T00:01:00Z', '2026-11-01T00:02:00Z', '2026-11-01T00:03:00Z'];
const none = { count: 0, instants: [], others: 0 };
const gone = { count: 4, instants, others: 0 };
const preview = (by: Partial<RebuildPreview> = {}): RebuildPreview => ({
  ...{ dryRun: true, table: 'users', begins: { 0: 9 }, ranges: { 0: [2, 9] }, total: 7 },
  ...{ outOfReach: none, takenFrom: null, underWay: null },
  ...by,
});
const answer: RebuildAnswer = {
  ...{ dryRun: false, table: 'users', jobRun: 'a', total: 7, replayed: 5, stored: 4, dead: 1, expired: 0 },
  ...{ done: false, cursor: '1', waits: null },
};

describe('The plan of a rebuild', () => {
  it('names the offsets that it replays', () => {
    expect(planLines('a', preview(), false)).toEqual([
      'a, table users: 7 records on the topic from before the stream wrote it',
      '  partition 0: [2, 9)',
    ]);
  });

  it.each([
    [false, 'add --refetch to ask the source for them again'],
    [true, 'will be asked of the source again'],
  ])('names instants that the topic has no more (refetch: %s)', (refetch, what) => {
    expect(planLines('a', preview({ outOfReach: gone }), refetch).at(-1)).toBe(
      `  4 instants are older than the topic keeps: ${instants.slice(0, 3).join(', ')}, ... ${instants[3]}; ${what}`,
    );
  });

  it.each<[string, Partial<RebuildPreview>, RegExp]>([
    [
      'redrives that nothing brings in',
      { outOfReach: { ...none, others: 2 } },
      /^ {2}2 redrives .*reconcile --deep --repair/,
    ],
    [
      'how far back the tables take records',
      { takenFrom: instants[0] as string },
      /take records from 2026-11-01T00:00:00Z on/,
    ],
    [
      'a rebuild that is at work',
      { underWay: { replayed: 3, total: 7 } as RebuildPreview['underWay'] },
      /at work: 3 of 7/,
    ],
  ])('names %s', (_what, by, line) => {
    expect(planLines('a', preview(by), false).at(-1)).toMatch(line);
  });
});

describe('The end of a rebuild', () => {
  it.each([
    [
      false,
      'users: so far 5 of 7 records replayed: stored 4, dead 1, expired 0; the job goes on by itself, the same command looks at it again',
    ],
    [true, 'users: 5 of 7 records replayed: stored 4, dead 1, expired 0'],
  ])('says what it came to (done: %s)', (done, line) => {
    expect(rebuiltLine({ ...answer, done })).toBe(line);
  });

  it('says what is lacking still', () => {
    expect(restLines(preview())).toEqual([]);
    expect(restLines(preview({ outOfReach: gone }))[0]).toMatch(/^4 instants .* are lacking: the same with --refetch/);
    const fetched = { done: 3, failed: [{ instant: 'b', why: 'c' }] };
    expect(restLines(preview({ outOfReach: { ...gone, count: 9 } }), fetched)).toEqual([
      expect.stringMatching(/^3 instants landed once more/),
      '  b: c',
      '5 more are lacking: the same once more',
    ]);
  });

  it.each([
    ['nothing is beyond the topic', none, false, true],
    ['something is beyond it', gone, false, false],
    ['all of that is fetched', gone, true, true],
    ['more is beyond it than one call fetches', { ...gone, count: 9 }, true, false],
    ['a redrive is beyond it', { ...none, others: 1 }, true, false],
  ])('leaves the table whole or not: %s', (_what, outOfReach, refetch, whole) => {
    expect(isWhole(preview({ outOfReach }), refetch)).toBe(whole);
  });
});
