import { describe, expect, it } from 'vitest';
import { onFreeInstant } from '../../../local/once/free-instant.ts';
import { StepFailure } from '../../../local/step-client.ts';

const [newest, older] = ['2026-11-24T17:01:00Z', '2026-11-24T17:00:00Z'];

/** Steps that answer these free instants, one after the other. */
function playedSteps(...free: readonly (string | null)[]) {
  const left = [...free];
  return { call: async <Answer>() => ({ instant: left.shift() ?? null }) as Answer };
}

describe('A run of a free instant', () => {
  it('is of the newest', async () => {
    expect(await onFreeInstant(playedSteps(newest, older), 'people', async (instant) => instant)).toBe(newest);
  });

  it('is of the next one when the schedule took the newest meanwhile', async () => {
    const asked: string[] = [];
    const run = async (instant: string) => {
      asked.push(instant);
      if (instant === newest) throw new StepFailure('extract', 'plan_conflict', 'expected the stored one');
      return 'done';
    };
    expect(await onFreeInstant(playedSteps(newest, older), 'people', run)).toBe('done');
    expect(asked).toEqual([newest, older]);
  });

  it('fails as the run does for any other reason, and is not tried on another', async () => {
    const failing = onFreeInstant(playedSteps(newest, older), 'people', async () => {
      throw new StepFailure('extract', 'source_unavailable', 'no answer');
    });
    await expect(failing).rejects.toThrow('extract: no answer');
  });

  it('needs one: a month without is said', async () => {
    const failing = onFreeInstant(playedSteps(null), 'people', async (instant) => instant);
    await expect(failing).rejects.toThrow(/every instant of the last month has a run; .* --instant/);
  });
});
