import { PipelineError } from './errors.ts';

/**
 * Runs lie on a grid: the instants `epoch + n * every`, in UTC. Everything that names an instant (the EventBridge text,
 * the local timer, settle, a backfill, the DAG's timetable) comes from this file, so that all of them name the same ones.
 */
export interface Schedule {
  /** A whole number of minutes, hours or days that divides the next larger unit: `1m`, `15m`, `6h`, `1d`. */
  readonly every: string;
  /** How many records one run asks the source for; one page of a run that asks for a time window. */
  readonly records: number;
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const unitsInNext = { m: 60, h: 24, d: 1 } as const;

/** Length of one step of the grid in milliseconds. */
export function stepMs(every: string): number {
  const match = /^([1-9]\d*)([mhd])$/.exec(every);
  const count = Number(match?.[1]);
  const unit = match?.[2] as keyof typeof unitMs | undefined;
  if (unit === undefined || unitsInNext[unit] % count !== 0) {
    throw new PipelineError(
      `schedule.every: expected minutes that divide an hour, hours that divide a day, or 1d (such as 1m, 15m, 6h), got ${JSON.stringify(every)}`,
      { code: 'bad_definition', at: 'source', retriable: false },
    );
  }
  return count * unitMs[unit];
}

/** The instant of the grid at or before `time`. */
export function instantOf(every: string, time: Date): Date {
  const step = stepMs(every);
  return new Date(Math.floor(time.getTime() / step) * step);
}

/** All instants in [from, until), oldest first. */
export function instantsBetween(every: string, from: Date, until: Date): Date[] {
  const step = stepMs(every);
  const instants: Date[] = [];
  for (let ms = Math.ceil(from.getTime() / step) * step; ms < until.getTime(); ms += step) {
    instants.push(new Date(ms));
  }
  return instants;
}

/** First instant strictly after `time`. */
export function nextInstant(every: string, time: Date): Date {
  return new Date(instantOf(every, time).getTime() + stepMs(every));
}

/** Reads an instant given by a person or a scheduler and refuses one that is off the grid or not yet reached. */
export function checkedInstant(every: string, text: string, now: Date): Date {
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime()) || instantOf(every, instant).getTime() !== instant.getTime()) {
    const near = Number.isNaN(instant.getTime()) ? instantOf(every, now) : instantOf(every, instant);
    throw new PipelineError(
      `instant: expected one on the grid of every ${every} (UTC), such as ${runName(near)}, got ${JSON.stringify(text)}`,
      { code: 'instant_off_grid', at: 'source', retriable: false },
    );
  }
  if (instant.getTime() > now.getTime()) {
    throw new PipelineError(
      `instant: expected one that has passed (it is ${now.toISOString()} now), got ${runName(instant)}; ask again when it has`,
      { code: 'instant_in_future', at: 'source', retriable: false },
    );
  }
  return instant;
}

/** Name of the run of an instant: ISO 8601 in UTC, to the second, such as `2026-11-24T17:00:00Z`. */
export function runName(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}

/** EventBridge Scheduler's six-field expression for the grid: minutes hours day-of-month month day-of-week year. */
export function eventBridgeExpression(every: string): string {
  const step = stepMs(every);
  if (step < unitMs.h) return `cron(0/${step / unitMs.m} * * * ? *)`.replace('0/1 ', '* ');
  if (step < unitMs.d) return `cron(0 0/${step / unitMs.h} * * ? *)`.replace('0/1 ', '* ');
  return 'cron(0 0 * * ? *)';
}

/**
 * Airflow's five-field expression of when missed instants are looked for: at most hourly, ten minutes past, so that the
 * instants of an interval between two of its times are those of the grid and none of them is still at work.
 */
export function settleExpression(every: string): string {
  const step = stepMs(every);
  if (step <= unitMs.h) return '10 * * * *';
  return step < unitMs.d ? `10 */${step / unitMs.h} * * *` : '10 0 * * *';
}
