import { setTimeout as sleep } from 'node:timers/promises';
import type { Definition } from '../../streaming/definition.ts';
import { instantOf, nextInstant, runName } from '../../streaming/schedule.ts';
import type { StepClient } from '../step-client.ts';

/**
 * The newest instant that has no run yet; waits for the next one when the current has. Never an older one: its records
 * would rank below those of the newer run.
 */
export async function freeInstant(
  steps: StepClient,
  { name, schedule }: Definition,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    const now = new Date();
    const run = runName(instantOf(schedule.every, now));
    const { account } = await steps.call<{ account: object | null }>('inspect', {
      question: 'account',
      pipeline: name,
      run,
    });
    if (account === null) return run;
    const next = nextInstant(schedule.every, now);
    const waitMs = next.getTime() - now.getTime();
    say(`${run} has run already; the next instant is ${runName(next)}, in ${Math.ceil(waitMs / 1000)} s`);
    await sleep(waitMs, undefined, { signal });
  }
}
