import { setTimeout as sleep } from 'node:timers/promises';
import type { ReconcileAnswer } from '../../functions/reconcile/reconcile.ts';
import { type AskedInterval, accountsOf } from '../reconcile/accounts.ts';
import type { StepClient } from '../step-client.ts';

export interface Following {
  readonly onProgress: (absorbed: number, landed: number) => void;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
  /** Gives up when nothing has moved for this long. */
  readonly stallMs?: number;
}

/** Waits until the tables have absorbed all that has landed in an interval, and answers its accounts. */
export async function absorbed(
  steps: Pick<StepClient, 'call'>,
  asked: AskedInterval,
  { onProgress, signal, everyMs = 2000, stallMs = 120_000 }: Following,
): Promise<ReconcileAnswer> {
  let seen = -1;
  let movedAt = performance.now();
  for (;;) {
    const answer = await accountsOf(steps, asked);
    const { stored, dead, expired, erased, landed } = answer.totals;
    const now = stored + dead + expired + erased;
    onProgress(now, landed);
    if (now !== seen) movedAt = performance.now();
    seen = now;
    if (now >= landed || signal.aborted || performance.now() - movedAt > stallMs) return answer;
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
