import { describe, expect, it } from 'vitest';
import { fetchAgain } from '../../../local/rebuild/fetch-again.ts';
import { StepFailure } from '../../../local/step-client.ts';

const instants = ['2026-11-01T00:00:00Z', '2026-11-01T00:01:00Z'];
const waits = { firstMs: 1, longestMs: 1 };

function fetching(answer: (instant: string) => unknown, controller = new AbortController()) {
  const calls: object[] = [];
  const steps = {
    call: async <Answer>(_step: string, event: object) => {
      calls.push(event);
      return answer((event as { instant: string }).instant) as Answer;
    },
  };
  const asked = { pipeline: 'a', table: 't', instants, waits, signal: controller.signal, onProgress: () => undefined };
  return { calls, fetched: fetchAgain(steps, asked) };
}

describe('Instants that a table lacks', () => {
  it('are asked of extract one by one, for the table', async () => {
    const { calls, fetched } = fetching(() => ({ closed: true }));
    expect(await fetched).toEqual({ done: 2, failed: [] });
    expect(calls).toEqual(instants.map((instant) => ({ pipeline: 'a', instant, refetch: 't' })));
  });

  it('are gone on with when one is refused, which is said', async () => {
    const { fetched } = fetching((instant) => {
      if (instant === instants[0]) throw new StepFailure('extract', 'bad_request', 'no such run');
      return { closed: true };
    });
    expect(await fetched).toEqual({ done: 1, failed: [{ instant: instants[0], why: 'extract: no such run' }] });
  });

  it('are left when somebody ends it', async () => {
    const controller = new AbortController();
    const { fetched } = fetching(() => {
      controller.abort();
      return { closed: false };
    }, controller);
    expect(await fetched).toEqual({ done: 0, failed: [] });
  });
});
