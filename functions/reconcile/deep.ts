import type { Definition, PipelineRecord } from '../../streaming/definition.ts';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import { keyFieldsOf } from '../../streaming/tables.ts';
import type { Interval } from './event.ts';

/** Where rows of a run lie in landing: seq in [from, until). */
export interface Stretch {
  readonly run: string;
  readonly from: number;
  readonly until: number;
  readonly rows: number;
}

/** A row of landing, as far as the keys of its tables go. */
export interface LandedKey {
  readonly seq: number;
  readonly run: string;
  readonly origin: number;
  readonly version: number;
  readonly key: PipelineRecord;
  /** Whether it has died on the way, and nobody has brought it in since. */
  readonly isDead: boolean;
}

/** What is read from landing. */
export interface LandedKeys {
  /** Pages after a seq of the interval's runs whose records the tables have all absorbed, by seq. */
  coveredPages(pipeline: string, interval: Interval, after: number): Promise<readonly Stretch[]>;
  rows(pipeline: string, stretches: readonly Stretch[], fields: readonly string[]): Promise<readonly LandedKey[]>;
}

/** How a table has landed records. */
export interface PresenceOf {
  /** Puts rows, by their index, together that one question can be about. */
  together(rows: readonly Pick<LandedKey, 'key' | 'version'>[]): readonly (readonly number[])[];
  of(rows: readonly Pick<LandedKey, 'key' | 'version'>[]): Promise<readonly ('present' | 'older' | 'missing')[]>;
}

export interface DeepPorts {
  readonly landed: LandedKeys;
  readonly presenceIn: (table: string) => PresenceOf;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly remainingMs: () => number;
}

/** A record that landed and is not in every table as it should be. */
export interface Astray {
  readonly seq: number;
  readonly run: string;
  readonly origin: number;
  readonly version: number;
  /** The tables that lack it, or have only an older version. */
  readonly tables: Readonly<Record<string, 'missing' | 'older'>>;
}

export interface DeepAnswer {
  readonly pipeline: string;
  readonly done: boolean;
  /** Seq up to which rows were compared: the end of a page. */
  readonly cursor: string | null;
  /** Rows read from landing. */
  readonly rows: number;
  /** Rows that landing keeps no more. */
  readonly gone: number;
  /** Rows that were looked for in every table. */
  readonly compared: number;
  readonly dead: number;
  readonly expired: number;
  /** Rows without a key, because somebody had it removed. */
  readonly erased: number;
  readonly astray: readonly Astray[];
}

/** The more, the more of them lie together in a table; all of them may be astray, and one answer still holds them. */
const rowsAtOnce = 20_000;
const mostAstray = 2000;
/** A batch is begun only when this much time is left for it. */
const batchMs = 30_000;
/** Records that a table is asked about at the same time. */
const inFlight = 256;
/** A row that the tables are about to drop is not looked for any more. */
const slackMs = 60_000;

/**
 * Compares the rows of landing with those of the tables, by key and version, in order of landing. Rows that may not be
 * there are left out: dead ones, those whose life in the tables has ended, and those that were erased.
 */
export async function deep(
  ports: DeepPorts,
  pipeline: Definition,
  interval: Interval,
  after: number,
): Promise<DeepAnswer> {
  const stretches = [...(await ports.landed.coveredPages(pipeline.name, interval, after))];
  const count = { rows: 0, gone: 0, compared: 0, dead: 0, expired: 0, erased: 0 };
  const astray: Astray[] = [];
  const compare = comparer(ports, pipeline);
  let cursor = after;
  const goesOn = () => cursor === after || (astray.length < mostAstray && ports.remainingMs() > batchMs);
  while (stretches.length > 0 && goesOn()) {
    const batch = nextBatch(stretches);
    const rows = await ports.landed.rows(pipeline.name, batch, keyFieldsOf(pipeline));
    const sorted = sort(rows, expiryOf(pipeline, ports.now));
    count.rows += rows.length;
    count.gone += batch.reduce((landed, stretch) => landed + stretch.rows, -rows.length);
    for (const name of ['dead', 'expired', 'erased'] as const) count[name] += sorted[name];
    count.compared += sorted.wanted.length;
    astray.push(...(await compare(sorted.wanted)));
    cursor = (batch.at(-1)?.until ?? cursor) - 1;
  }
  const done = stretches.length === 0;
  return { pipeline: pipeline.name, done, cursor: done ? null : String(cursor), ...count, astray };
}

/** Takes the next pages off the list, as many as fit one batch. */
function nextBatch(stretches: Stretch[]): Stretch[] {
  const batch: Stretch[] = [];
  let rows = 0;
  for (;;) {
    const next = stretches[0];
    if (next === undefined || (rows > 0 && rows + next.rows > rowsAtOnce)) return batch;
    batch.push(next);
    rows += next.rows;
    stretches.shift();
  }
}

/** Version in microseconds up to which the tables have dropped their rows. */
const expiryOf = ({ keep }: Definition, now: number) => (now + slackMs - checkedSecondsOf(keep.tables) * 1000) * 1000;

function sort(rows: readonly LandedKey[], expiry: number) {
  const wanted: LandedKey[] = [];
  const left = { dead: 0, expired: 0, erased: 0 };
  for (const row of rows) {
    if (Object.values(row.key).every((value) => value === null)) left.erased += 1;
    else if (row.isDead) left.dead += 1;
    else if (row.version <= expiry) left.expired += 1;
    else wanted.push(row);
  }
  return { wanted, ...left };
}

function comparer({ presenceIn }: DeepPorts, { tables }: Definition) {
  const asked = Object.keys(tables).map((table) => ({ table, presence: presenceIn(table) }));
  return async (rows: readonly LandedKey[]): Promise<readonly Astray[]> => {
    const found = await Promise.all(
      asked.map(async ({ table, presence }) => ({ table, how: await presencesOf(rows, presence) })),
    );
    return rows.flatMap(({ seq, run, origin, version }, index) => {
      const wrong = found.filter(({ how }) => how[index] !== 'present').map(({ table, how }) => [table, how[index]]);
      return wrong.length === 0 ? [] : [{ seq, run, origin, version, tables: Object.fromEntries(wrong) }];
    });
  };
}

/** A fixed number of readers walk one list: so many questions under way, never a queue of all of them. */
async function presencesOf(rows: readonly LandedKey[], { together, of }: PresenceOf) {
  const groups = together(rows);
  const found: string[] = [];
  const remaining = groups.values();
  const usualGroup = rows.length / Math.max(1, groups.length);
  const readers = Array.from({ length: Math.ceil(inFlight / Math.max(1, usualGroup)) }, async () => {
    for (const group of remaining) {
      const how = await of(group.map((index) => rows[index] as LandedKey));
      for (const [at, index] of group.entries()) found[index] = how[at] as string;
    }
  });
  await Promise.all(readers);
  return found;
}
