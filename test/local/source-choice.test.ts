import { describe, expect, it } from 'vitest';
import { chooseSource, type SourceKind } from '../../local/source-choice.ts';

const choose = (asked: string | undefined, held: SourceKind | undefined, away: readonly string[]) =>
  chooseSource({ asked, held, unreachable: async () => away });

describe('The source of a data folder', () => {
  it.each<[string, string | undefined, SourceKind | undefined, readonly string[], string]>([
    ['is live where every API answers', undefined, undefined, [], 'live'],
    ['stays live while an API is away', undefined, 'live', ['trams'], 'live'],
    ['stays sample although the API is back', undefined, 'sample', [], 'sample'],
    ['is the sample when asked for', 'sample', undefined, [], 'sample'],
    [
      'is the address that is asked for, whatever the folder holds',
      'http://127.0.0.1:8000/api/',
      'sample',
      ['trams'],
      'http://127.0.0.1:8000/api/',
    ],
  ])('%s', async (_, asked, held, away, source) => {
    expect(await choose(asked, held, away)).toEqual({ ok: true, source, note: undefined });
  });

  it.each([
    [undefined, ['trams'], /^The API of trams cannot be reached/],
    ['live', ['trams'], /^The API of trams cannot be reached/],
    [undefined, ['trams', 'buses'], /^The API of trams and of buses cannot be reached/],
  ])(
    'becomes the sample in an empty folder where an API is away, and says whose (asked: %s, away: %j)',
    async (asked, away, note) => {
      const choice = { ok: true, source: 'sample', note: expect.stringMatching(note) };
      expect(await choose(asked, undefined, away)).toMatchObject(choice);
    },
  );

  it.each<[string, SourceKind]>([
    ['live', 'sample'],
    ['sample', 'live'],
  ])('is never mixed: %s into a folder of %s is refused', async (asked, held) => {
    expect(await choose(asked, held, [])).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/never mix; choose another with --data/),
    });
  });

  it('is refused when it is neither a word nor an address', async () => {
    expect(await choose('ftp://x', undefined, [])).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/expected live, sample or an http/),
    });
  });
});
