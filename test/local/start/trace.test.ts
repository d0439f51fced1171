import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Progress } from '../../../local/start/progress.ts';
import { slowestOf, traced } from '../../../local/start/trace.ts';

const heard: string[] = [];
const quiet: Progress = {
  install: () => undefined,
  service: ({ service, state }) => void heard.push(`${service} ${state}`),
  note: () => undefined,
  log: () => undefined,
  during: (_, work) => work(),
};

beforeEach(() => {
  heard.length = 0;
  vi.useFakeTimers({ toFake: ['performance', 'Date', 'setTimeout'] });
});
afterEach(() => vi.useRealTimers());

const sleep = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

it('keeps for each part when it began and how long it took', async () => {
  const { progress, finish } = traced(quiet);
  const say = (service: string, state: 'preparing' | 'starting' | 'healthy') =>
    progress.service({ service, state, seconds: 0 });
  sleep(1);
  say('cassandra', 'preparing');
  say('kafka', 'preparing');
  sleep(2);
  say('kafka', 'starting');
  say('cassandra', 'starting');
  sleep(3);
  say('kafka', 'healthy');
  sleep(4);
  say('cassandra', 'healthy');
  await progress.during('stores', async () => sleep(5));
  const trace = finish();
  expect(trace.parts).toEqual([
    { name: 'kafka', waited: 1, seconds: 5, prepared: 2 },
    { name: 'cassandra', waited: 1, seconds: 9, prepared: 2 },
    { name: 'stores', waited: 10, seconds: 5 },
  ]);
  expect(trace.seconds).toBe(15);
  expect(slowestOf(trace)?.name).toBe('cassandra');
  expect(heard).toHaveLength(6);
});

it('does not take a restart for a part of the start', () => {
  const { progress, finish } = traced(quiet);
  for (const state of ['preparing', 'starting', 'healthy', 'crashed', 'restarting', 'starting', 'healthy'] as const)
    progress.service({ service: 'kafka', state, seconds: 0 });
  expect(finish().parts).toHaveLength(1);
});

it('names no part of a start without any', () => {
  expect(slowestOf(traced(quiet).finish())).toBeUndefined();
});
