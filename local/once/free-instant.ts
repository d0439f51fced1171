import { type StepClient, StepFailure } from '../step-client.ts';
import { whenFree } from '../when-free.ts';

/** The schedule takes an instant a minute. */
const mostTries = 5;

/**
 * Does a run of an instant that has none. The schedule may have taken the newest ones; a free one before them serves as
 * well. It may also take one between the answer and the run: then the next answer is another.
 */
export async function onFreeInstant<Result>(
  steps: Pick<StepClient, 'call'>,
  pipeline: string,
  run: (instant: string) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    const instant = await freeInstant(steps, pipeline);
    try {
      return await run(instant);
    } catch (error) {
      const isTaken = error instanceof StepFailure && error.code === 'plan_conflict';
      if (!isTaken || tries === mostTries) throw error;
    }
  }
}

async function freeInstant(steps: Pick<StepClient, 'call'>, pipeline: string): Promise<string> {
  const { instant } = await whenFree<{ instant: string | null }>(steps, 'inspect', {
    question: 'free_instant',
    pipeline,
  });
  if (instant !== null) return instant;
  throw new Error(`${pipeline}: every instant of the last month has a run; name an older one with --instant`);
}
