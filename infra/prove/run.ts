import type { Status } from '../../functions/inspect/inspect.ts';
import type { Account } from '../../functions/ports.ts';
import { type CallStep, StepFailed } from './steps.ts';

export interface Patience {
  /** Gives up after so many minutes. */
  readonly minutes: number;
  /** Looks again after so many milliseconds. */
  readonly everyMs: number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** One run of a pipeline, from the call of extract until every record of it is covered. */
export async function runOf(pipeline: string, call: CallStep, patience: Patience): Promise<Account> {
  const { instant } = await call<{ instant: string | null }>('inspect', { question: 'free_instant', pipeline });
  if (instant === null) throw new Error(`${pipeline}: expected an instant without a run, got none within a month`);
  await until(`${pipeline}: extract of ${instant} to be done`, patience, async () => {
    const answer = await call<{ closed: boolean }>('extract', { pipeline, instant }).catch(putOff);
    return answer.closed || undefined;
  });
  return until(`${pipeline}: every record of ${instant} to be covered`, patience, async () => {
    const { account } = await call<{ account: Account | null }>('inspect', {
      question: 'account',
      pipeline,
      run: instant,
    });
    return account?.closed && account.covered >= account.landed ? account : undefined;
  });
}

/** Backpressure is no failure: the path catches up, or the source's quota comes back. */
function putOff(error: unknown): { closed: false } {
  if (error instanceof StepFailed && error.code === 'backpressure') return { closed: false };
  throw error;
}

export const statusOf = (call: CallStep) => call<Status>('inspect', { question: 'status' });

/** Waits until the timer has done a run of every pipeline by itself; answers their names and newest instants. */
export function timedRuns(call: CallStep, own: readonly Account[], patience: Patience): Promise<string> {
  return until('a run by the schedule', patience, async () => {
    const { pipelines } = await statusOf(call);
    const mine = (name: string) => own.filter(({ pipeline }) => pipeline === name).length;
    const areThere = pipelines.every(({ pipeline, runs }) => runs.closed > mine(pipeline));
    return areThere ? pipelines.map(({ pipeline, last_run }) => `${pipeline} ${last_run}`).join(', ') : undefined;
  });
}

/** Asks until there is an answer. */
export async function until<T>(
  what: string,
  { minutes, everyMs, sleep }: Patience,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + minutes * 60_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > end) throw new Error(`expected ${what} within ${minutes} minutes, got no end of it`);
    await sleep(everyMs);
  }
}
