import type { Definition } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { instantsBetween, runName } from '../../streaming/schedule.ts';
import type { Landing, Steps } from '../ports.ts';

export interface SettlePorts {
  readonly landing: Pick<Landing, 'firstInstant' | 'closedRuns'>;
  readonly steps: Steps;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How many seconds back the tables take a write time; any unless said. */
  readonly tablesTake?: number | undefined;
}

export interface SettleWanted {
  /** First instant looked at; a person may name one before the pipeline's own first, which is a backfill. */
  readonly from?: Date | undefined;
  /** Instants before this one; never one that has not come. */
  readonly to?: Date | undefined;
  /** Only answers what it would do. */
  readonly dryRun: boolean;
}

export interface SettleAnswer {
  readonly from: string;
  /** Where there is more, the first that is left: all before it is closed once these are. */
  readonly until: string;
  /** Runs that extract was asked for, oldest first. */
  readonly instants: readonly string[];
  /** Open ones left for the next call. */
  readonly more: number;
}

/** So many runs are asked for at once, so that a long outage does not become a flood. */
export const mostAtOnce = 60;
/** So many are named to who runs them by itself, and waits for each: as many as Airflow makes tasks of. */
export const mostListed = 1000;
const lookBackMs = 24 * 3_600_000;
/** A younger instant may still be at work. */
const youngestMs = 5 * 60_000;

/** Asks extract for every instant that is missing or not closed: the net under the timer, and the way to backfill. */
export async function settle(ports: SettlePorts, pipeline: Definition, wanted: SettleWanted): Promise<SettleAnswer> {
  refuseInterval(wanted, ports.now());
  const { from, until } = await interval(ports, pipeline, wanted);
  const closed = await ports.landing.closedRuns(pipeline.name, from, until);
  const open = instantsBetween(pipeline.schedule.every, from, until)
    .map(runName)
    .filter((run) => !closed.has(run));
  const [instants, more] = split(open, wanted.dryRun ? mostListed : mostAtOnce);
  if (!wanted.dryRun) {
    for (const instant of instants) await ports.steps.wake('extract', { pipeline: pipeline.name, instant });
  }
  return { from: runName(from), until: more[0] ?? runName(until), instants, more: more.length };
}

const split = <T>(list: readonly T[], at: number) => [list.slice(0, at), list.slice(at)] as const;

/** A person's slip: an interval that holds nothing would be settled at once, and nobody would know. */
function refuseInterval({ from, to }: SettleWanted, now: number): void {
  const problem = problemOf(from, to, now);
  if (problem === undefined) return;
  throw new PipelineError(`interval: ${problem}; nothing was begun`, {
    code: 'bad_request',
    at: 'source',
    retriable: false,
  });
}

function problemOf(from: Date | undefined, to: Date | undefined, now: number): string | undefined {
  if (from === undefined) return undefined;
  const begins = from.toISOString();
  if (from.getTime() > now) {
    return `expected it to begin in the past (it is ${new Date(now).toISOString()} now), got ${begins}`;
  }
  return to && from >= to ? `expected it to end after it begins, got ${begins} to ${to.toISOString()}` : undefined;
}

/** Half open: [from, until). */
async function interval(
  { landing, now, tablesTake }: SettlePorts,
  pipeline: Definition,
  { from, to }: SettleWanted,
): Promise<{ from: Date; until: Date }> {
  if (from && tablesTake !== undefined) refuseTooOld(from, now() - tablesTake * 1000);
  const until = new Date(Math.min(to?.getTime() ?? now() - youngestMs, now()));
  if (from) return { from, until };
  const first = await landing.firstInstant(pipeline.name);
  // Before prepare the pipeline owes nothing.
  const usual = first === null ? until : new Date(Math.max(now() - lookBackMs, first.getTime()));
  // A pipeline that has just begun owes nothing either.
  return { from: usual < until ? usual : until, until };
}

/** Where the tables take only young write times, whatever is older would become a dead letter. */
function refuseTooOld(from: Date, oldest: number): void {
  if (from.getTime() >= oldest) return;
  throw new PipelineError(
    `from: expected ${runName(new Date(oldest))} or later, got ${runName(from)}; Keyspaces takes the writes of the last two ` +
      'days (docs/decisions/0018), and every older record would become a dead letter',
    { code: 'bad_request', at: 'table', retriable: false },
  );
}
