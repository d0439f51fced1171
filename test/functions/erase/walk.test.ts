import { describe, expect, it } from 'vitest';
import { type Place, start, type Walk, walk } from '../../../functions/erase/walk.ts';

/** A place of pieces, each with the keys that are found in it. */
const place = (name: string, ...pieces: readonly (readonly string[])[]): Place => ({
  name,
  visit: async (at) => {
    const piece = Number(at ?? 0);
    return { keys: pieces[piece] ?? [], at: piece + 1 < pieces.length ? String(piece + 1) : null };
  },
});

const places = [place('landing', ['a'], [], ['a', 'c']), place('users', ['b'])];
const keys = ['a', 'b', 'x'];
const always = () => true;

describe('A walk through the places', () => {
  it('counts rows by place, and knows which keys it has seen', async () => {
    expect(await walk(places, keys, start, always)).toEqual({
      ...{ place: 2, at: null },
      ...{ found: { landing: 3, users: 1 }, known: [0, 1] },
    });
  });

  it('comes to the same however often it is stopped and gone on with', async () => {
    let now: Walk = start;
    for (let calls = 0; now.place < places.length; calls += 1) {
      expect(calls).toBeLessThan(5);
      const before = now;
      now = JSON.parse(JSON.stringify(await walk(places, keys, now, (walked) => walked === before)));
    }
    expect(now).toEqual(await walk(places, keys, start, always));
  });

  it('visits nothing that it may not', async () => {
    expect(await walk(places, keys, start, () => false)).toEqual(start);
  });
});
