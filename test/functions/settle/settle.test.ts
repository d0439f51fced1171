import { describe, expect, it } from 'vitest';
import { mostAtOnce, mostListed, type SettleWanted, settle } from '../../../functions/settle/settle.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { runName } from '../../../streaming/schedule.ts';

const now = Date.parse('2026-11-24T17:00:30Z');
const at = (time: string) => new Date(`2026-11-24T${time}:00Z`);

interface World {
  readonly first?: Date | null;
  readonly closed?: readonly string[];
}

async function call(world: World, wanted: Partial<SettleWanted> = {}, tablesTake?: number) {
  const wakes: [string, object][] = [];
  const landing = {
    firstInstant: async () => (world.first === undefined ? at('16:50') : world.first),
    closedRuns: async () => new Set((world.closed ?? []).map((time) => runName(at(time)))),
  };
  const steps = { wake: async (step: string, event: object) => void wakes.push([step, event]) };
  const answer = await settle({ landing, steps, now: () => now, tablesTake }, randomUsers, {
    dryRun: false,
    ...wanted,
  });
  return { ...answer, times: answer.instants.map((run) => run.slice(11, 16)), wakes };
}

describe('Settle runs', () => {
  it.each<[string, World, Partial<SettleWanted>, string[]]>([
    [
      'all since the first instant, older than 5 minutes',
      {},
      {},
      ['16:50', '16:51', '16:52', '16:53', '16:54', '16:55'],
    ],
    ['none before prepare', { first: null }, {}, []],
    ['none when all are closed', { first: at('16:54'), closed: ['16:54', '16:55'] }, {}, []],
    ['only what is not closed', { first: at('16:52'), closed: ['16:53', '16:54'] }, {}, ['16:52', '16:55']],
    ['an interval, without its end', {}, { from: at('16:51'), to: at('16:53') }, ['16:51', '16:52']],
    ['a backfill before the first instant', {}, { from: at('03:00'), to: at('03:02') }, ['03:00', '03:01']],
    ['nothing younger than asked', {}, { to: at('16:51') }, ['16:50']],
    ['nothing that has not come', {}, { from: at('16:59'), to: at('18:00') }, ['16:59', '17:00']],
  ])('%s', async (_name, world, wanted, times) => {
    expect(await call(world, wanted)).toMatchObject({ times, more: 0 });
  });

  it('nothing of a pipeline that has just begun, over an interval that ends no earlier than it begins', async () => {
    const { from, until, times } = await call({ first: at('16:59') });
    expect({ from, until, times }).toEqual({ from: until, until: '2026-11-24T16:55:30Z', times: [] });
  });

  it('nothing older than a day, and only so many at once', async () => {
    const { instants, more } = await call({ first: new Date('2026-11-01T00:00:00Z') });
    expect(instants).toHaveLength(mostAtOnce);
    expect(instants[0]).toBe('2026-11-23T17:01:00Z');
    expect(instants.length + more).toBe(24 * 60 - 5);
  });

  it('more in a dry run, and says how far they reach', async () => {
    const { instants, more, until } = await call({ first: new Date('2026-11-01T00:00:00Z') }, { dryRun: true });
    expect([instants.length, more]).toEqual([mostListed, 24 * 60 - 5 - mostListed]);
    expect([instants.at(-1), until]).toEqual(['2026-11-24T09:40:00Z', '2026-11-24T09:41:00Z']);
  });

  it('by asking extract for each instant, with nothing but the instant', async () => {
    const { wakes } = await call({ first: at('16:55') });
    expect(wakes).toEqual([['extract', { pipeline: 'random-users', instant: '2026-11-24T16:55:00Z' }]]);
  });

  it('nothing in a dry run, which answers the same list', async () => {
    const { wakes, times } = await call({ first: at('16:54') }, { dryRun: true });
    expect(times).toEqual(['16:54', '16:55']);
    expect(wakes).toEqual([]);
  });
});

describe('Where the tables take only the last hour, settle', () => {
  const hour = 3600;

  it('takes an interval of that hour', async () => {
    expect((await call({}, { from: at('16:01'), to: at('16:03') }, hour)).times).toEqual(['16:01', '16:02']);
  });

  it('looks as far back as ever when the schedule calls it', async () => {
    expect((await call({ first: at('15:50'), closed: [] }, {}, hour)).times[0]).toBe('15:50');
  });

  it('refuses one that starts earlier, and runs nothing of it', async () => {
    await expect(call({}, { from: at('15:59'), to: at('16:30') }, hour)).rejects.toThrow(
      /expected 2026-11-24T16:00:30Z or later, got 2026-11-24T15:59:00Z; Keyspaces takes the writes of the last two days/,
    );
  });

  it('refuses nothing where they take any', async () => {
    expect((await call({}, { from: at('03:00'), to: at('03:02') })).times).toEqual(['03:00', '03:01']);
  });
});

describe('Settle refuses', () => {
  it.each<[string, Partial<SettleWanted>, string]>([
    [
      'an interval that ends before it begins',
      { from: at('16:53'), to: at('16:51') },
      'expected it to end after it begins',
    ],
    ['an interval without length', { from: at('16:53'), to: at('16:53') }, 'expected it to end after it begins'],
    ['an interval that has not come', { from: at('18:00'), to: at('19:00') }, 'expected it to begin in the past'],
  ])('%s', async (_name, wanted, message) => {
    await expect(call({}, wanted)).rejects.toThrow(`interval: ${message}`);
  });
});
