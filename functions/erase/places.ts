import type { Books, ErasableTable, TableRow } from './stores.ts';
import type { Place, Visit } from './walk.ts';

export interface Stores {
  readonly books: Books;
  readonly tables: readonly ErasableTable[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Where records of keys may be, what is quickest to look at first: PostgreSQL, then the tables. */
export function placesToLook({ books, tables }: Stores, keys: readonly string[], keyOf: KeyOf): readonly Place[] {
  return [
    landingPlace(books, keys, keyOf, async () => undefined),
    wholePlace('dead_letters', () => books.letters(keys)),
    wholePlace('unreadable_audit', () => books.unreadable(keys)),
    ...sorted(tables).map((table) => tablePlace(table, only(keys), keys, async () => undefined)),
  ];
}

/** The same places, emptied: the tables, then what is on its way to them, which is removed there before it arrives. */
export function placesToErase({ books, tables, now }: Stores, keys: readonly string[], keyOf: KeyOf): readonly Place[] {
  const emptyRows: OnRows = async (rows) => {
    for (const table of tables) {
      for (const { version, payload } of rows)
        await table.remove([table.rowOf(payload)], Math.max(version, now() * 1000));
    }
    // Last: without its payload nobody knows where in the tables a record lies.
    await books.empty(rows.map(({ seq }) => seq));
  };
  return [
    ...tables.map((table) => tablePlace(table, only(keys), keys, (rows) => table.remove(rows, now() * 1000))),
    landingPlace(books, keys, keyOf, emptyRows),
    wholePlace('dead_letters', async () => Array(await books.emptyLetters(keys)).fill('')),
    wholePlace('unreadable_audit', async () => Array(await books.emptyUnreadable(keys)).fill('')),
  ];
}

/** Whole tables, rid of every row whose key is suppressed. */
export function placesToReapply({ books, tables, now }: Stores): readonly Place[] {
  const suppressed = async (keys: readonly string[]) => new Set((await books.suppressed(keys)).keys());
  return tables.map((table) => scanned(table, suppressed, (rows) => table.remove(rows, now() * 1000)));
}

type KeyOf = (payload: unknown) => string | undefined;
type OnRows = (rows: Awaited<ReturnType<Books['landed']>>['rows']) => Promise<void>;
type Wanted = (keys: readonly string[]) => Promise<ReadonlySet<string>>;

const only = (keys: readonly string[]): Wanted => {
  const wanted = new Set(keys);
  return async () => wanted;
};

/** Those that need not be read whole come first. */
const sorted = (tables: readonly ErasableTable[]) => [...tables].sort((a, b) => Number(b.isByKey) - Number(a.isByKey));

function landingPlace(books: Books, keys: readonly string[], keyOf: KeyOf, onRows: OnRows): Place {
  return {
    name: 'landing',
    visit: async (at) => {
      const { rows, next } = await books.landed(keys, Number(at ?? 0));
      if (rows.length > 0) await onRows(rows);
      return { keys: rows.map(({ payload }) => keyOf(payload) ?? ''), at: next === null ? null : String(next) };
    },
  };
}

/** One that takes a single visit. */
const wholePlace = (name: string, keysOf: () => Promise<readonly string[]>): Place => ({
  name,
  visit: async () => ({ keys: await keysOf(), at: null }),
});

type OnTableRows = (rows: readonly TableRow[]) => Promise<void>;

function tablePlace(table: ErasableTable, wanted: Wanted, keys: readonly string[], onRows: OnTableRows): Place {
  if (!table.isByKey) return scanned(table, wanted, onRows);
  return {
    name: table.name,
    visit: async () => {
      const rows: TableRow[] = [];
      for (const key of keys) rows.push(...(await table.rowsOf(key)));
      return visited(rows, null, onRows);
    },
  };
}

function scanned(table: ErasableTable, wanted: Wanted, onRows: OnTableRows): Place {
  return {
    name: table.name,
    visit: async (from) => {
      const { rows, at } = await table.scan(from);
      const found = await wanted(rows.map(({ key }) => key));
      return visited(
        rows.filter(({ key }) => found.has(key)),
        at,
        onRows,
      );
    },
  };
}

async function visited(rows: readonly TableRow[], at: string | null, onRows: OnTableRows): Promise<Visit> {
  if (rows.length > 0) await onRows(rows);
  return { keys: rows.map(({ key }) => key), at };
}
