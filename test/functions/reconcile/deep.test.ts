import { describe, expect, it } from 'vitest';
import { type DeepPorts, deep, type LandedKey, type Stretch } from '../../../functions/reconcile/deep.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';

const now = Date.parse('2026-11-24T17:00:00Z');
const day = 24 * 3_600_000;
const interval = { from: new Date(now - day), until: new Date(now) };
type Presence = 'present' | 'older' | 'missing';

/** A row that landed just now. */
const row = (seq: number, changes: Partial<LandedKey> = {}): LandedKey => ({
  ...{ seq, run: 'r', origin: seq, version: now * 1000 + seq, isDead: false },
  key: { user_id: `user ${seq}`, country: 'Norway', registered: 0 },
  ...changes,
});

/** A landing of pages of so many rows, and tables that have all of them but the named. */
function world(rows: readonly LandedKey[], pageRows: number, has: (table: string, seq: number) => Presence) {
  const pages: Stretch[] = [];
  for (let at = 0; at < rows.length; at += pageRows) {
    const page = rows.slice(at, at + pageRows);
    const [from, until] = [page[0]?.seq ?? 0, (page.at(-1)?.seq ?? 0) + 1];
    pages.push({ run: 'r', from, until, rows: page.length });
  }
  const reads = { now: 0, most: 0, all: 0 };
  const batches: number[] = [];
  const ports: DeepPorts = {
    landed: {
      coveredPages: async (_, __, after) => pages.filter(({ from }) => from > after),
      rows: async (_, stretches) => {
        const found = rows.filter(({ seq }) => stretches.some(({ from, until }) => seq >= from && seq < until));
        batches.push(found.length);
        return found;
      },
    },
    presenceIn: (table) => ({
      // In a table's own order, which is another than that of landing.
      together: (asked) => {
        const indexes = asked.map((_, index) => index).reverse();
        const size = table === 'users' ? 3 : 1;
        return Array.from({ length: Math.ceil(indexes.length / size) }, (_, n) =>
          indexes.slice(n * size, (n + 1) * size),
        );
      },
      async of(asked) {
        reads.all += asked.length;
        reads.now += asked.length;
        reads.most = Math.max(reads.most, reads.now);
        await new Promise(setImmediate);
        reads.now -= asked.length;
        return asked.map((row) => has(table, (row as LandedKey).seq));
      },
    }),
    now,
    remainingMs: () => 300_000,
  };
  return { ports, reads, batches };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const everywhere = () => 'present' as const;

describe('A deep comparison', () => {
  it('of tables that have everything finds nothing', async () => {
    const { ports } = world([row(1), row(2)], 10, everywhere);
    expect(await deep(ports, randomUsers, interval, 0)).toEqual({
      ...{ pipeline: 'random-users', done: true, cursor: null, astray: [] },
      ...{ rows: 2, gone: 0, compared: 2, dead: 0, expired: 0, erased: 0 },
    });
  });

  it('names what a table lacks, or has in an older version only', async () => {
    const has = (table: string, seq: number): Presence => {
      if (seq === 2 && table === 'users') return 'missing';
      return seq === 3 ? 'older' : 'present';
    };
    const { ports } = world([row(1), row(2), row(3)], 10, has);
    const { astray } = await deep(ports, randomUsers, interval, 0);
    expect(astray.map(({ seq, tables }) => [seq, tables])).toEqual([
      [2, { users: 'missing' }],
      [3, { users: 'older', users_by_country: 'older' }],
    ]);
    expect(astray[0]).toMatchObject({ run: 'r', origin: 2, version: now * 1000 + 2 });
  });

  it.each<[string, Partial<LandedKey>, object]>([
    ['is dead', { isDead: true }, { dead: 1 }],
    ['has outlived its time in the tables', { version: (now - 400 * day) * 1000 }, { expired: 1 }],
    ['was erased', { key: { user_id: null, country: null, registered: null } }, { erased: 1 }],
  ])('does not look for a row that %s', async (_, changes, count) => {
    const { ports, reads } = world([row(1, changes)], 10, () => 'missing');
    expect(await deep(ports, randomUsers, interval, 0)).toMatchObject({ ...count, compared: 0, astray: [] });
    expect(reads.all).toBe(0);
  });

  it('says how many rows landing keeps no more', async () => {
    const { ports } = world([row(1), row(2)], 10, everywhere);
    const landed = { ...ports.landed, rows: async () => [] };
    expect(await deep({ ...ports, landed }, randomUsers, interval, 0)).toMatchObject({ rows: 0, gone: 2, compared: 0 });
  });

  it('holds a few thousand rows at a time, and asks of a bounded number at once', async () => {
    const { ports, reads, batches } = world(
      numbers(48_000).map((seq) => row(seq)),
      4000,
      everywhere,
    );
    expect(await deep(ports, randomUsers, interval, 0)).toMatchObject({ done: true, compared: 48_000 });
    expect(batches).toEqual([20_000, 20_000, 8000]);
    expect(reads).toMatchObject({ all: 96_000 });
    expect(reads.most).toBeLessThanOrEqual(520);
    expect(reads.most).toBeGreaterThan(50);
  });

  it.each<[string, number, Presence]>([
    ['the time runs out', 1000, 'present'],
    ['its answer is long', 300_000, 'missing'],
  ])('stops when %s, and goes on from its cursor without a gap', async (_, remainingMs, presence) => {
    const { ports } = world(
      numbers(48_000).map((seq) => row(seq)),
      4000,
      () => presence,
    );
    const limited = { ...ports, remainingMs: () => remainingMs };
    const compared: number[] = [];
    let after: string | null = '0';
    while (after !== null) {
      const answer = await deep(limited, randomUsers, interval, Number(after));
      compared.push(answer.compared);
      after = answer.cursor;
    }
    expect(compared).toEqual([20_000, 20_000, 8000]);
  });
});
