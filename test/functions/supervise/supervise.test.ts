import { describe, expect, it } from 'vitest';
import { supervise } from '../../../functions/supervise/supervise.ts';
import type { Supervised } from '../../../functions/supervise/survey.ts';
import { setUp } from './fakes.ts';

describe('supervise', () => {
  it('starts the first generation where the tables end', async () => {
    const { ports, started, rows } = setUp();
    expect(await supervise(ports)).toMatchObject({
      generation: 1,
      did: ['open', 'start', 'keep'],
      hosted: ['random-users'],
    });
    expect(started).toHaveLength(1);
    expect(started[0]?.arguments.join(' ')).toBe(
      '--manifest /artifacts --generation 1 --offsets {"random-users":{"0":7}} --checkpoints /checkpoints --mode streaming',
    );
    expect(rows[0]?.state).toBe('running');
  });

  it('leaves a running one alone', async () => {
    const { ports, started } = setUp();
    await supervise(ports);
    expect(await supervise(ports)).toMatchObject({ did: ['keep'], generation: 1 });
    expect(started).toHaveLength(1);
  });

  it('replaces a failed one at once', async () => {
    const { ports, states } = setUp();
    await supervise(ports);
    states.set('millrace-test-1', 'FAILED');
    expect(await supervise(ports)).toMatchObject({ generation: 2, did: ['end: FAILED', 'open', 'start', 'keep'] });
  });

  it('cancels another version with grace, and starts the next generation when it is gone', async () => {
    const { ports, states, cancelled } = setUp();
    await supervise(ports);
    const next = { ...ports, version: 'v2' };
    expect(await supervise(next)).toMatchObject({ generation: 1, did: ['cancel: version v2 replaces v1'] });
    expect(cancelled).toEqual(['millrace-test-1']);
    expect(await supervise(next)).toMatchObject({ did: ['leave: cancelling'] });
    states.set('millrace-test-1', 'CANCELLED');
    expect(await supervise(next)).toMatchObject({ generation: 2 });
  });

  it('asks again with the same token when it died between start and the note of it', async () => {
    const { ports, started, rows } = setUp();
    const forgetful = { ...ports.generations, started: () => Promise.reject(new Error('killed')) };
    await expect(supervise({ ...ports, generations: forgetful })).rejects.toThrow('killed');
    await supervise(ports);
    expect(started.map(({ clientToken }) => clientToken)).toEqual(['millrace-test-1', 'millrace-test-1']);
    expect(rows).toHaveLength(1);
  });

  it('replaces a job that does nothing', async () => {
    const { ports, waited, cancelled, asked } = setUp();
    await supervise(ports);
    waited.underActive = 299;
    expect(await supervise(ports)).toMatchObject({ did: ['keep'] });
    waited.underActive = 301;
    expect(await supervise(ports)).toMatchObject({ did: ['cancel: random-users absorbed nothing for too long'] });
    expect(cancelled).toEqual(['millrace-test-1']);
    expect(asked.at(-1)).toEqual([7, false]);
  });

  it('knows when the tables are where the topic ends', async () => {
    const { ports, asked, offsets } = setUp();
    offsets.high = 7;
    await supervise(ports);
    expect(asked.at(-1)).toEqual([7, true]);
  });

  it('removes checkpoints of earlier generations, never before the job runs that made them useless', async () => {
    const { ports, states, removedBefore } = setUp();
    await supervise(ports);
    states.set('millrace-test-1', 'PENDING');
    await supervise(ports);
    expect(removedBefore).toEqual([1]);
    states.set('millrace-test-1', 'FAILED');
    await supervise(ports);
    expect(removedBefore).toEqual([1, 2]);
  });

  it('hosts nothing of a pipeline that an operator stopped', async () => {
    const { ports, started } = setUp([{ desired: 'stopped' }]);
    expect(await supervise(ports)).toMatchObject({ hosted: [], leftOut: [{ reason: 'stopped by an operator' }] });
    expect(started).toHaveLength(0);
  });

  it('stops a pipeline whose uncovered offsets are gone, and names the hole', async () => {
    const { ports, known, offsets, cancelled } = setUp();
    await supervise(ports);
    offsets.low = 8;
    expect(await supervise(ports)).toMatchObject({ hosted: [], did: ['cancel: to host no longer random-users'] });
    expect(cancelled).toHaveLength(1);
    expect(known[0]?.dataLoss).toEqual({ reason: 'expired', holes: [{ partition: 0, from: 7, until: 8 }] });
  });

  it('passes over pipelines of another version of the code', async () => {
    const { ports } = setUp([{}, { name: 'from-the-future' }]);
    expect(await supervise(ports)).toMatchObject({ hosted: ['random-users'], leftOut: [] });
  });

  it('gives a job that ends more time, because it has to come up every time', async () => {
    const { ports, waited } = setUp();
    const ending = { ...ports, mode: 'available-now' as const };
    await supervise(ending);
    waited.underActive = 899;
    expect(await supervise(ending)).toMatchObject({ did: ['keep'] });
    waited.underActive = 901;
    expect(await supervise(ending)).toMatchObject({ did: ['cancel: random-users absorbed nothing for too long'] });
  });

  it('starts a job that ends, lets it rest when it has read everything, and starts the next in time', async () => {
    const { ports, states, started, opened } = setUp();
    const ending = { ...ports, mode: 'available-now' as const, trigger: '10 seconds' };
    await supervise(ending);
    expect(started[0]).toMatchObject({ mode: 'available-now', clientToken: 'millrace-test-1' });
    expect(started[0]?.arguments.slice(-4)).toEqual(['--mode', 'available-now', '--trigger', '10 seconds']);
    states.set('millrace-test-1', 'SUCCESS');
    opened.seconds = 400;
    expect(await supervise(ending)).toMatchObject({
      generation: null,
      did: ['end: SUCCESS', 'leave: the next job is due in 500 s'],
    });
    opened.seconds = 900;
    expect(await supervise(ending)).toMatchObject({ generation: 2, did: ['open', 'start', 'keep'] });
  });

  it.each<[string, string, object, number]>([
    [
      'does nothing but look while it is held',
      '2026-11-24T17:30:00Z',
      { held: '2026-11-24T17:30:00.000Z', did: [] },
      0,
    ],
    ['goes on when the hold is over', '2026-11-24T16:59:59Z', { held: null, generation: 1 }, 1],
  ])('%s', async (_what, until, expected, jobs) => {
    const { ports, held, started, taken } = setUp();
    held.until = new Date(until);
    expect(await supervise(ports)).toMatchObject(expected);
    expect(started).toHaveLength(jobs);
    expect(taken()).toMatchObject({ 'random-users': { UncoveredRecords: 2 } });
  });

  it('neither cancels nor ends anything while it is held', async () => {
    const { ports, held, states, cancelled, rows } = setUp();
    await supervise(ports);
    held.until = new Date('2026-11-24T17:30:00Z');
    states.set('millrace-test-1', 'CANCELLED');
    expect(await supervise({ ...ports, version: 'v2' })).toMatchObject({ generation: 1, did: [] });
    expect([cancelled, rows[0]?.state]).toEqual([[], 'running']);
  });

  it.each<[string, Partial<Supervised>, number, object]>([
    ['a pipeline at work', {}, 0, { UnpublishedAge: 4, UncoveredRecords: 2, StalledSeconds: 33, DataLoss: 0 }],
    [
      'one that an operator stopped, by what the relay knows of its topic',
      { desired: 'stopped' },
      0,
      { UnpublishedAge: 4, UncoveredRecords: 1, StalledSeconds: 0, DataLoss: 0 },
    ],
    [
      'one whose loss is on file',
      { dataLoss: { reason: 'expired' } },
      0,
      { UnpublishedAge: 4, UncoveredRecords: 1, StalledSeconds: 0, DataLoss: 1 },
    ],
    ['one whose loss shows now', {}, 8, { UnpublishedAge: 4, UncoveredRecords: 2, StalledSeconds: 0, DataLoss: 1 }],
  ])('measures %s', async (_what, change, low, expected) => {
    const { ports, waited, offsets, taken } = setUp([{ unpublishedAge: 4, ...change }]);
    offsets.low = low;
    waited.sinceProgress = 33;
    await supervise(ports);
    expect(taken()).toEqual({ 'random-users': expected });
  });

  it('leaves at once when somebody else supervises', async () => {
    const { ports } = setUp();
    const generations = { ...ports.generations, alone: async () => 'busy' as const };
    expect(await supervise({ ...ports, generations })).toMatchObject({ busy: true, did: [] });
  });
});
