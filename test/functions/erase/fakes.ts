import type { ErasePorts } from '../../../functions/erase/erase.ts';
import type { ErasableTable, TableRow } from '../../../functions/erase/stores.ts';
import type { LandedRow } from '../../../functions/ports.ts';

export interface World {
  readonly ports: ErasePorts;
  /** What was done, in its order. */
  readonly log: unknown[][];
  readonly list: Map<string, Date>;
  landing: LandedRow[];
  letters: string[];
  unreadable: string[];
  readonly users: Map<string, TableRow>;
  readonly byCountry: Map<string, TableRow>;
}

export const person = (key: string) => `00000000-0000-4000-8000-00000000000${key}`;

export const landed = (seq: number, key: string, version = 5): LandedRow => ({
  ...{ seq, run: 'r1', origin: seq, version },
  payload: { user_id: person(key) },
});

/** Every store in memory: what it holds, and in which order it was emptied. */
export function world(more: Partial<ErasePorts> = {}): World {
  const log: unknown[][] = [];
  const list = new Map<string, Date>();
  const [users, byCountry] = [new Map<string, TableRow>(), new Map<string, TableRow>()];
  const of = (keys: readonly string[]) =>
    made.landing.filter(({ payload }) => keys.includes(String(payload['user_id'])));
  const table = (name: string, rows: Map<string, TableRow>, isByKey: boolean): ErasableTable => ({
    name,
    isByKey,
    rowOf: ({ user_id: key }) => ({ key: String(key), at: [key] }),
    rowsOf: async (key) => [rows.get(key) ?? []].flat(),
    scan: async () => ({ rows: [...rows.values()], at: null }),
    remove: async (removed, micros) => {
      log.push(['remove', name, removed.map(({ key }) => key.slice(-1)), micros]);
      for (const { key } of removed) rows.delete(key);
    },
  });
  const ports: ErasePorts = {
    books: {
      suppressed: async (keys) => new Map([...list].filter(([key]) => keys.includes(key))),
      suppress: async (keys, who) => {
        log.push(['suppress', keys.map((key) => key.slice(-1)), who]);
        for (const key of keys) list.set(key, new Date('2026-11-20T12:00:00Z'));
        return 9;
      },
      // Two rows a stretch.
      landed: async (keys, after) => {
        const stretch = made.landing.filter(({ seq }) => seq > after && seq <= after + 2);
        const next = after + 2 < (made.landing.at(-1)?.seq ?? 0) ? after + 2 : null;
        return { rows: stretch.filter((row) => of(keys).includes(row)), next };
      },
      empty: async (seqs) => {
        log.push(['empty', seqs]);
        made.landing = made.landing.map((row) => (seqs.includes(row.seq) ? { ...row, payload: {} } : row));
      },
      letters: async (keys) => made.letters.filter((key) => keys.includes(key)),
      emptyLetters: async (keys) => {
        const found = made.letters.filter((key) => keys.includes(key));
        made.letters = made.letters.filter((key) => !keys.includes(key));
        return found.length;
      },
      unreadable: async (keys) => made.unreadable.filter((key) => keys.includes(key)),
      emptyUnreadable: async (keys) => {
        const found = made.unreadable.filter((key) => keys.includes(key));
        made.unreadable = made.unreadable.filter((key) => !keys.includes(key));
        return found.length;
      },
      note: async (operation, answer) => void log.push(['note', operation, answer]),
    },
    tables: [table('users_by_country', byCountry, false), table('users', users, true)],
    steps: { wake: async (...woken) => void log.push(['wake', ...woken]) },
    now: () => 1000,
    hasTime: () => true,
    backupDays: undefined,
    ...more,
  };
  const made: World = { ports, log, list, landing: [], letters: [], unreadable: [], users, byCountry };
  return made;
}
