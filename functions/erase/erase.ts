import type { Definition } from '../../streaming/definition.ts';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { keyReaderOf } from '../../streaming/keys.ts';
import type { Steps } from '../ports.ts';
import { placesToErase, placesToLook, placesToReapply, type Stores } from './places.ts';
import { start, type Walk, walk } from './walk.ts';

export interface ErasePorts extends Stores {
  readonly steps: Steps;
  /** Whether there is time for another piece. */
  readonly hasTime: () => boolean;
  /** For so many days backups may hold what was erased; undefined where there are none. */
  readonly backupDays: number | undefined;
}

/** Where an erase that ran out of time goes on. */
export interface Cursor {
  readonly phase: 'look' | 'erase';
  readonly walk: Walk;
  /** The operation that is on file, once something has changed. */
  readonly operation: number | null;
}

export const beginning: Cursor = { phase: 'look', walk: start, operation: null };

/** Until when a copy may be left that nobody can reach into; null where there is none. */
export interface Until {
  /** Topic and audit topic: messages age out. */
  readonly topics: string;
  readonly backups: string | null;
}

/** Where something of the keys is; nothing has changed. */
export interface Found {
  readonly dryRun: true;
  readonly keys: number;
  /** Rows by place. */
  readonly found: Readonly<Record<string, number>>;
  /** Keys that are suppressed. */
  readonly suppressed: number;
  /** Keys that are nowhere and not suppressed, by their number in the list, from 1. */
  readonly unknown: readonly number[];
  /** Of those that are suppressed. */
  readonly until: Until | null;
  readonly cursor: Cursor | null;
}

export interface Erased {
  readonly dryRun: false;
  readonly keys: number;
  /** Rows by place. */
  readonly erased: Readonly<Record<string, number>>;
  readonly until: Until | null;
  /** For the next call, when this one ran out of time. */
  readonly cursor: Cursor | null;
}

const dayMs = 86_400_000;

/** Looks everywhere for keys. */
export async function look(
  ports: ErasePorts,
  pipeline: Definition,
  keys: readonly string[],
  from: Cursor,
): Promise<Found> {
  const places = placesToLook(ports, keys, keyReaderOf(pipeline));
  const seen = await walk(places, keys, from.walk, ports.hasTime);
  const suppressed = await ports.books.suppressed(keys);
  const isDone = seen.place === places.length;
  return {
    ...{ dryRun: true, keys: keys.length, found: seen.found, suppressed: suppressed.size },
    unknown: isDone ? unknownOf(keys, seen, suppressed) : [],
    until: untilOf(ports, pipeline, suppressed),
    cursor: isDone ? null : { ...from, walk: seen },
  };
}

/**
 * Suppresses keys and empties every store of them. First it makes sure that each is known; then nothing of them lands any
 * more, and what is there is removed, place after place. Done again it does what is left.
 */
export async function erase(
  ports: ErasePorts,
  pipeline: Definition,
  { keys, who }: { readonly keys: readonly string[]; readonly who: string },
  from: Cursor,
): Promise<Erased> {
  const cursor = from.phase === 'look' ? await begun(ports, pipeline, keys, who, from) : from;
  if (cursor.phase === 'look') return { dryRun: false, keys: keys.length, erased: {}, until: null, cursor };

  const places = placesToErase(ports, keys, keyReaderOf(pipeline));
  const done = await walk(places, keys, cursor.walk, ports.hasTime);
  const isDone = done.place === places.length;
  const until = untilOf(ports, pipeline, await ports.books.suppressed(keys));
  if (isDone) {
    if (cursor.operation !== null) await ports.books.note(cursor.operation, { done: true, erased: done.found, until });
    // It may have found its fence held, and gone.
    await ports.steps.wake('relay', { pipeline: pipeline.name });
  }
  const next = isDone ? null : { ...cursor, walk: done };
  return { dryRun: false, keys: keys.length, erased: done.found, until, cursor: next };
}

/** Looks until every key has been seen, and suppresses them; of one that is nowhere nothing changes. */
async function begun(
  ports: ErasePorts,
  pipeline: Definition,
  keys: readonly string[],
  who: string,
  from: Cursor,
): Promise<Cursor> {
  const suppressed = await ports.books.suppressed(keys);
  const places = placesToLook(ports, keys, keyReaderOf(pipeline));
  const isOpen = (now: Walk) => unknownOf(keys, now, suppressed).length > 0;
  const seen = await walk(places, keys, from.walk, (now) => isOpen(now) && ports.hasTime());
  if (isOpen(seen)) {
    if (seen.place < places.length) return { ...from, walk: seen };
    throw unknown(pipeline, keys, unknownOf(keys, seen, suppressed));
  }
  return { phase: 'erase', walk: start, operation: await ports.books.suppress(keys, who) };
}

/**
 * Rids tables of what is suppressed: after they were filled from a topic that still holds it. Who has filled them waits
 * for no answer, so a call that runs out of time wakes the one that goes on with what was asked.
 */
export async function reapply(
  ports: ErasePorts,
  asked: object,
  from: Cursor,
): Promise<Pick<Erased, 'erased' | 'cursor'>> {
  const places = placesToReapply(ports);
  const done = await walk(places, [], from.walk, ports.hasTime);
  const cursor = done.place === places.length ? null : { ...from, walk: done };
  if (cursor !== null) await ports.steps.wake('erase', { ...asked, cursor });
  return { erased: done.found, cursor };
}

const unknownOf = (keys: readonly string[], { known }: Walk, suppressed: ReadonlyMap<string, Date>) =>
  keys.flatMap((key, index) => (known.includes(index) || suppressed.has(key) ? [] : index + 1));

/** Nothing of the keys has landed since they were suppressed: the newest of them says how old the last copy may be. */
function untilOf(
  { backupDays }: ErasePorts,
  { keep }: Definition,
  suppressed: ReadonlyMap<string, Date>,
): Until | null {
  if (suppressed.size === 0) return null;
  const since = Math.max(...[...suppressed.values()].map((date) => date.getTime()));
  const after = (ms: number) => new Date(since + ms).toISOString();
  return {
    topics: after(checkedSecondsOf(keep.topic) * 1000),
    backups: backupDays === undefined ? null : after(backupDays * dayMs),
  };
}

/** Keys are people: they are called by their numbers. */
function unknown({ name }: Definition, keys: readonly string[], numbers: readonly number[]): PipelineError {
  const which = keys.length === 1 ? 'one' : `${keys.length}, of which number ${numbers.join(', ')}`;
  return new PipelineError(
    `erase of ${name}: expected keys that are known, got ${which} that is in landing, dead letters and tables nowhere, ` +
      'and not suppressed; nothing was changed',
    { code: 'bad_request', at: 'landing', retriable: false },
  );
}
