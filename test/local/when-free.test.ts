import { describe, expect, it } from 'vitest';
import { StepFailure } from '../../local/step-client.ts';
import { whenFree } from '../../local/when-free.ts';

/** Fails so often before it answers how often it was called. */
function stepsThatFail(times: number, code: string) {
  const asked: object[] = [];
  return {
    asked,
    call: async <Answer>(step: string, event: object) => {
      asked.push(event);
      if (asked.length <= times) throw new StepFailure(step, code, 'expected a free function');
      return asked.length as Answer;
    },
  };
}

describe('A call of a step that the schedule calls too', () => {
  it('waits until one of its functions is free', async () => {
    const steps = stepsThatFail(2, 'backpressure');
    expect(await whenFree<number>(steps, 'supervise', { order: 1 })).toBe(3);
    expect(steps.asked).toEqual([{ order: 1 }, { order: 1 }, { order: 1 }]);
  });

  it('says that none was free when that lasts', async () => {
    const steps = stepsThatFail(Number.POSITIVE_INFINITY, 'backpressure');
    await expect(whenFree(steps, 'supervise', {}, 700)).rejects.toMatchObject({ code: 'backpressure' });
  });

  it('is made once when the step fails of anything else', async () => {
    const steps = stepsThatFail(1, 'bad_request');
    await expect(whenFree(steps, 'supervise', {})).rejects.toMatchObject({ code: 'bad_request' });
    expect(steps.asked).toHaveLength(1);
  });
});
