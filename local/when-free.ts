import { setTimeout as sleep } from 'node:timers/promises';
import { type StepClient, StepFailure } from './step-client.ts';

const everyMs = 500;

/**
 * Calls a step that is also called by the schedule, and of which only so many may be at work: one that finds none free has
 * not begun, and is asked again for as long as a call of it may take.
 */
export async function whenFree<Answer>(
  steps: Pick<StepClient, 'call'>,
  step: string,
  event: object,
  limitMs = 90_000,
): Promise<Answer> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    try {
      return await steps.call<Answer>(step, event);
    } catch (error) {
      const isBusy = error instanceof StepFailure && error.code === 'backpressure';
      if (!isBusy || performance.now() > deadline) throw error;
    }
    await sleep(everyMs);
  }
}
