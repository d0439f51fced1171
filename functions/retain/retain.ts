import type { Definition } from '../../streaming/definition.ts';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import type { Measure } from '../metrics.ts';

/** Rows of one pipeline on one day of landing. */
export interface PartOfDay {
  /** `2026-11-24` */
  readonly day: string;
  /** null: the day has no rows at all. */
  readonly pipeline: string | null;
  readonly landed: number | null;
  /** What of it is not in the tables, dead, expired or accepted as lost. */
  readonly owed: number | null;
}

/** The days of landing, each a partition. */
export interface LandingDays {
  /** Makes those of [first, first + days) that are not there, and answers them. */
  ready(first: Date, days: number): Promise<readonly string[]>;
  /** What stands in the days before the one of this time, by day and pipeline. */
  before(end: Date): Promise<readonly PartOfDay[]>;
  /** Rows by pipeline that found no partition of their day. */
  net(): Promise<ReadonlyMap<string, number>>;
  /** Drops a day and keeps who did; refuses one that owes rows. */
  drop(day: string, who: string, rows: number): Promise<void>;
}

export interface RetainPorts {
  readonly days: LandingDays;
  readonly now: Date;
  readonly measure: Measure;
}

export interface RetainAsked {
  readonly who: string;
  /** Only says what it would do, of every day. */
  readonly dryRun: boolean;
}

/** `kept`: not old enough; `owed`: old enough, and rows of it are not where they should be. */
export type DayVerdict = 'kept' | 'owed' | 'due' | 'dropped';

export interface Day {
  readonly day: string;
  readonly rows: number;
  readonly owed: number;
  /** First moment at which nobody has a use for it: `2026-12-02T00:00:00.000Z`. */
  readonly keptUntil: string;
  readonly verdict: DayVerdict;
}

export interface RetainAnswer {
  readonly dryRun: boolean;
  /** Partitions made ahead. */
  readonly made: readonly string[];
  /** A call that drops looks only at days that may be old enough. */
  readonly days: readonly Day[];
  /** Rows in the partition of those that have none. */
  readonly inNet: number;
}

/** Landing has partitions for today and so many days more. */
export const daysAhead = 7;

const dayMs = 86_400_000;

/**
 * Makes the days ahead in landing and drops those whose rows are all older than their pipelines keep them, and where they
 * should be. Runs and page markers stay: what a day held is known when its rows are gone.
 */
export async function retain(
  { days, now, measure }: RetainPorts,
  pipelines: readonly Definition[],
  { who, dryRun }: RetainAsked,
): Promise<RetainAnswer> {
  const keeps = keepsOf(pipelines);
  const net = await days.net();
  const inNet = [...net.values()].reduce((sum, rows) => sum + rows, 0);
  if (dryRun) {
    const found = daysOf(await days.before(after(now, 1)), keeps, now);
    return { dryRun, made: [], days: found, inNet };
  }
  const made = await days.ready(now, daysAhead + 1);
  const parts = await days.before(after(now, -keeps.shortest));
  const found = daysOf(parts, keeps, now);
  for (const { name } of pipelines) {
    measure(name, { OverdueDays: overdue(parts, found, name), RowsInNet: net.get(name) ?? 0 });
  }
  return { dryRun, made, days: await dropDue(days, found, who), inNet };
}

async function dropDue(days: LandingDays, found: readonly Day[], who: string): Promise<readonly Day[]> {
  const done: Day[] = [];
  for (const day of found) {
    if (day.verdict === 'due') {
      await days.drop(day.day, who, day.rows);
      done.push({ ...day, verdict: 'dropped' });
    } else done.push(day);
  }
  return done;
}

const after = (time: Date, days: number) => new Date(time.getTime() + days * dayMs);

interface Keeps {
  readonly shortest: number;
  /** Whole days that rows of a pipeline are kept. */
  of(pipeline: string | null): number;
}

/** Rows of a pipeline that is defined no more are kept as long as those of any. */
function keepsOf(pipelines: readonly Definition[]): Keeps {
  const days = new Map(pipelines.map(({ name, keep }) => [name, checkedSecondsOf(keep.landing) / 86_400]));
  const longest = Math.max(...days.values());
  return { shortest: Math.min(...days.values()), of: (pipeline) => days.get(pipeline ?? '') ?? longest };
}

function daysOf(parts: readonly PartOfDay[], keeps: Keeps, now: Date): readonly Day[] {
  const names = [...new Set(parts.map(({ day }) => day))];
  return names.map((name) =>
    dayOf(
      name,
      parts.filter(({ day }) => day === name),
      keeps,
      now,
    ),
  );
}

function dayOf(day: string, parts: readonly PartOfDay[], keeps: Keeps, now: Date): Day {
  const keep = Math.max(...parts.map(({ pipeline }) => keeps.of(pipeline)));
  const keptUntil = after(new Date(day), keep + 1);
  const rows = parts.reduce((sum, { landed }) => sum + (landed ?? 0), 0);
  const owed = parts.reduce((sum, part) => sum + (part.owed ?? 0), 0);
  const verdict = now < keptUntil ? 'kept' : owed > 0 ? 'owed' : 'due';
  return { day, rows, owed, keptUntil: keptUntil.toISOString(), verdict };
}

/** Days that stay because rows of this very pipeline are not where they should be. */
function overdue(parts: readonly PartOfDay[], days: readonly Day[], name: string): number {
  const staying = new Set(days.filter(({ verdict }) => verdict === 'owed').map(({ day }) => day));
  return parts.filter(({ day, pipeline, owed }) => staying.has(day) && pipeline === name && (owed ?? 0) > 0).length;
}
