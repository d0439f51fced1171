import { describe, expect, it } from 'vitest';
import { chooseSource, type SourceKind } from '../../local/source-choice.ts';

const choose = (asked: string | undefined, held: SourceKind | undefined, reachable: boolean) =>
  chooseSource({ asked, held, reachable: async () => reachable });

describe('The source of a data folder', () => {
  it.each<[string, string | undefined, SourceKind | undefined, boolean, string]>([
    ['is live where the API answers', undefined, undefined, true, 'live'],
    ['stays live while the API is away', undefined, 'live', false, 'live'],
    ['stays sample although the API is back', undefined, 'sample', true, 'sample'],
    ['is the sample when asked for', 'sample', undefined, true, 'sample'],
    [
      'is the address that is asked for, whatever the folder holds',
      'http://127.0.0.1:8000/api/',
      'sample',
      false,
      'http://127.0.0.1:8000/api/',
    ],
  ])('%s', async (_, asked, held, reachable, source) => {
    expect(await choose(asked, held, reachable)).toEqual({ ok: true, source, note: undefined });
  });

  it.each([[undefined], ['live']])(
    'becomes the sample in an empty folder where the API cannot be reached (asked: %s), and says so',
    async (asked) => {
      expect(await choose(asked, undefined, false)).toMatchObject({
        ok: true,
        source: 'sample',
        note: expect.stringMatching(/cannot be reached/),
      });
    },
  );

  it.each<[string, SourceKind]>([
    ['live', 'sample'],
    ['sample', 'live'],
  ])('is never mixed: %s into a folder of %s is refused', async (asked, held) => {
    expect(await choose(asked, held, true)).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/never mix; choose another with --data/),
    });
  });

  it('is refused when it is neither a word nor an address', async () => {
    expect(await choose('ftp://x', undefined, true)).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/expected live, sample or an http/),
    });
  });
});
