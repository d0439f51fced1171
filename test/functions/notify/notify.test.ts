import { describe, expect, it } from 'vitest';
import { notifyEvent } from '../../../functions/notify/event.ts';
import { notify } from '../../../functions/notify/notify.ts';
import { measuring } from '../measuring.ts';

const failure = { dag: 'settle-people', run: 'manual__1', why: 'task_failure' };

async function call(pipeline: string | null, about: readonly string[]) {
  const kept: object[] = [];
  const { measure, taken } = measuring();
  const ports = { measure, keep: async (what: object) => void kept.push(what) };
  await notify(
    ports,
    about.map((name) => ({ name })),
    { ...failure, pipeline },
  );
  return { kept, taken: taken() };
}

describe('A run of Airflow that failed', () => {
  it('is kept, and counted of its pipeline', async () => {
    const { kept, taken } = await call('people', ['people']);
    expect(kept).toEqual([{ ...failure, pipeline: 'people' }]);
    expect(taken).toEqual({ people: { FailedDags: 1 } });
  });

  it('is about every pipeline when it is of none', async () => {
    const { kept, taken } = await call(null, ['people', 'quakes']);
    expect(kept).toEqual([{ ...failure, pipeline: '*' }]);
    expect(taken).toEqual({ people: { FailedDags: 1 }, quakes: { FailedDags: 1 } });
  });

  it.each([
    ['without the run', { pipeline: null, dag: 'a' }],
    ['without a pipeline or null', { dag: 'a', run: 'b' }],
    ['with more than is known', { ...failure, pipeline: null, context: {} }],
  ])('is not understood %s', (_, event) => {
    expect(notifyEvent.safeParse(event).success).toBe(false);
  });
});
