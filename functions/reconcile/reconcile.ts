import type { Definition } from '../../streaming/definition.ts';
import { instantOf, instantsBetween, runName } from '../../streaming/schedule.ts';
import type { Landing } from '../ports.ts';
import type { Interval } from './event.ts';
import { type RunReport, reportOf, summed, type Tally, type TimedAccount, tallyOf, tallyOfMissing } from './tally.ts';

/** What is read from PostgreSQL. */
export interface Accounts extends Pick<Landing, 'firstInstant'> {
  /** Runs whose time lies in the interval, by time. */
  between(pipeline: string, interval: Interval): Promise<readonly TimedAccount[]>;
  named(pipeline: string, runs: readonly string[]): Promise<readonly TimedAccount[]>;
}

export interface ReconcilePorts {
  readonly accounts: Accounts;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds until this call is ended from outside. */
  readonly remainingMs: () => number;
}

export interface Asked {
  /** Every run in the answer, not only those that do not balance. */
  readonly each: boolean;
  /** A run that has moved within so many milliseconds is at work, an instant so young is owed no run yet. */
  readonly patienceMs: number;
}

export interface Hour extends Tally {
  /** Its beginning: `2026-11-24T17:00:00Z`. */
  readonly hour: string;
}

export interface ReconcileAnswer {
  readonly pipeline: string;
  readonly from: string;
  /** What was looked at ends here. */
  readonly until: string;
  /** False: there is more; the same question with this cursor goes on. */
  readonly done: boolean;
  readonly cursor: string | null;
  readonly totals: Tally;
  readonly hours: readonly Hour[];
  readonly runs: readonly RunReport[];
  /** Instants of the grid without a run, oldest first. */
  readonly missing: readonly string[];
}

const dayMs = 24 * 3_600_000;
/** Lines of an answer after which it ends: it stays well below what an invocation may answer. */
const mostLines = 2000;
/** A day is begun only when this much time is left for it. */
const sliceMs = 30_000;

/**
 * The accounts of an interval, a day at a time: every run judged, every instant without one named, summed by the hour.
 * Stops when the answer is long or the time runs out, and says where to go on.
 */
export async function reconcile(
  ports: ReconcilePorts,
  pipeline: Definition,
  interval: Interval,
  asked: Asked,
): Promise<ReconcileAnswer> {
  const parts: Part[] = [];
  let { from } = interval;
  while (
    from < interval.until &&
    (parts.length === 0 || (linesOf(parts) < mostLines && ports.remainingMs() > sliceMs))
  ) {
    const until = new Date(Math.min(from.getTime() + dayMs, interval.until.getTime()));
    parts.push(await part(ports, pipeline, { from, until }, asked));
    from = until;
  }
  const done = from >= interval.until;
  return {
    pipeline: pipeline.name,
    from: interval.from.toISOString(),
    until: from.toISOString(),
    ...{ done, cursor: done ? null : from.toISOString() },
    ...merged(parts),
  };
}

/** The same of runs by their names, all of them in the answer; one that is not on file is missing. */
export async function reconcileRuns(
  { accounts, now }: ReconcilePorts,
  pipeline: Definition,
  names: readonly string[],
  { patienceMs }: Asked,
): Promise<ReconcileAnswer> {
  const found = await accounts.named(pipeline.name, names);
  const onFile = new Set(found.map(({ run }) => run));
  const missing = names.filter((name) => !onFile.has(name));
  const runs = found.map((account) => reportOf(account, new Date(now - patienceMs)));
  const hours = found.map((account, index) => hourOf(account.time, tallyOf(runs[index] as RunReport)));
  const times = found.map(({ time }) => time.toISOString()).sort();
  const interval = { from: times[0] ?? '', until: times.at(-1) ?? '' };
  const done = { done: true, cursor: null };
  return { pipeline: pipeline.name, ...interval, ...done, ...merged([{ runs, missing, hours }], missing.length) };
}

interface Part {
  readonly hours: readonly Hour[];
  readonly runs: readonly RunReport[];
  readonly missing: readonly string[];
}

const linesOf = (parts: readonly Part[]) =>
  parts.reduce((lines, { hours, runs, missing }) => lines + hours.length + runs.length + missing.length, 0);

async function part(
  { accounts, now }: ReconcilePorts,
  { name, schedule }: Definition,
  interval: Interval,
  { each, patienceMs }: Asked,
): Promise<Part> {
  const quietSince = new Date(now - patienceMs);
  const found = await accounts.between(name, interval);
  const onFile = new Set(found.map(({ run }) => run));
  const owedUntil = interval.until < quietSince ? interval.until : quietSince;
  const missing = instantsBetween(schedule.every, interval.from, owedUntil).filter((at) => !onFile.has(runName(at)));
  const reports = found.map((account) => ({ time: account.time, report: reportOf(account, quietSince) }));
  return {
    hours: byHour([
      ...reports.map(({ time, report }) => hourOf(time, tallyOf(report))),
      ...missing.map((at) => hourOf(at, tallyOfMissing(1))),
    ]),
    runs: reports.map(({ report }) => report).filter(({ balance }) => each || balance !== 'balanced'),
    missing: missing.map(runName),
  };
}

const hourOf = (time: Date, tally: Tally): Hour => ({ hour: runName(instantOf('1h', time)), ...tally });

/** One line for each hour, oldest first. */
function byHour(lines: readonly Hour[]): readonly Hour[] {
  const hours = new Map<string, Tally[]>();
  for (const { hour, ...tally } of lines) {
    const of = hours.get(hour) ?? [];
    of.push(tally);
    hours.set(hour, of);
  }
  return [...hours].sort(([a], [b]) => (a < b ? -1 : 1)).map(([hour, tallies]) => ({ hour, ...summed(tallies) }));
}

/** Days may share an hour when an interval does not begin on one. */
function merged(parts: readonly Part[], unplaced = 0) {
  const hours = byHour(parts.flatMap((one) => one.hours));
  return {
    totals: summed([...hours, tallyOfMissing(unplaced)]),
    hours,
    runs: parts.flatMap(({ runs }) => runs),
    missing: parts.flatMap(({ missing }) => missing),
  };
}
