import type { SettleAnswer } from '../../functions/settle/settle.ts';
import type { Definition } from '../../streaming/definition.ts';
import { nextInstant } from '../../streaming/schedule.ts';
import type { StepClient } from '../step-client.ts';
import { whenFree } from '../when-free.ts';

/** What is to be filled: instants of a pipeline in [from, until). */
export interface Hole {
  readonly pipeline: Definition;
  readonly from: Date;
  readonly until: Date;
}

/** What settle would run, and changes nothing. */
export function missingIn(
  steps: Pick<StepClient, 'call'>,
  { pipeline, from, until }: Hole,
): Promise<Pick<SettleAnswer, 'instants' | 'more'>> {
  return whenFree(steps, 'settle', {
    pipeline: pipeline.name,
    from: from.toISOString(),
    to: until.toISOString(),
    dryRun: true,
  });
}

/** Every instant without a closed run, oldest first, each once: one that fails does not come again. */
export async function* missingInstants(steps: Pick<StepClient, 'call'>, hole: Hole): AsyncGenerator<string, undefined> {
  let { from } = hole;
  for (;;) {
    const { instants, more } = await missingIn(steps, { ...hole, from });
    yield* instants;
    const last = instants.at(-1);
    if (more === 0 || last === undefined) return undefined;
    from = nextInstant(hole.pipeline.schedule.every, new Date(last));
  }
}
