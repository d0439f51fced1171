import { setTimeout as sleep } from 'node:timers/promises';
import type { Astray } from '../../functions/reconcile/deep.ts';
import type { ReconcileAnswer } from '../../functions/reconcile/reconcile.ts';
import type { StepClient } from '../step-client.ts';
import { whenFree } from '../when-free.ts';

/** Rows of one run of a repair. */
const mostAtOnce = 1000;

export interface Repaired {
  /** The runs that the rows became. */
  readonly runs: readonly string[];
  readonly landed: number;
}

/** Has rows land once more that are not in every table as they should be: those, and no other. */
export async function repair(
  steps: Pick<StepClient, 'call'>,
  pipeline: string,
  who: string,
  astray: readonly Pick<Astray, 'seq'>[],
): Promise<Repaired> {
  const runs: string[] = [];
  let landed = 0;
  for (let at = 0; at < astray.length; at += mostAtOnce) {
    const rows = astray.slice(at, at + mostAtOnce).map(({ seq }) => seq);
    const answer = await steps.call<{ run: string; landed: number }>('redrive', {
      ...{ pipeline, who, rows, dryRun: false },
    });
    runs.push(answer.run);
    landed += answer.landed;
  }
  return { runs, landed };
}

/** Waits until the tables have absorbed these runs, or nothing has moved for a while. */
export async function arrived(
  steps: Pick<StepClient, 'call'>,
  pipeline: string,
  runs: readonly string[],
  { everyMs = 1000, stallMs = 120_000 } = {},
): Promise<void> {
  let seen = -1;
  let movedAt = performance.now();
  while (performance.now() - movedAt < stallMs) {
    const { totals } = await whenFree<ReconcileAnswer>(steps, 'reconcile', { pipeline, runs: runs.slice(0, 500) });
    if (totals.balanced === totals.runs) return;
    const now = totals.stored + totals.dead + totals.expired;
    if (now !== seen) movedAt = performance.now();
    seen = now;
    await sleep(everyMs);
  }
}
