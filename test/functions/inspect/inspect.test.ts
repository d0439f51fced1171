import { describe, expect, it } from 'vitest';
import { type Books, inspect, lagOf } from '../../../functions/inspect/inspect.ts';
import { question } from '../../../functions/inspect/questions.ts';
import type { Topic } from '../../../functions/ports.ts';

const topic: Topic = { send: async () => new Map(), offsets: async () => [{ partition: 0, low: 0, high: 9 }] };

function books(found: Partial<Record<keyof Books, unknown>>): Books {
  const answer = (name: keyof Books) => async () => found[name] as never;
  return {
    status: answer('status'),
    generation: answer('generation'),
    account: answer('account'),
    absorbed: answer('absorbed'),
    freeInstant: answer('freeInstant'),
    keys: answer('keys'),
    dead: answer('dead'),
  };
}

const ask = (asked: unknown, found: Partial<Record<keyof Books, unknown>> = {}) =>
  inspect(question.parse(asked), { books: books(found), topic });

describe('inspect', () => {
  it('adds the lag to what PostgreSQL knows of a pipeline', async () => {
    const status = { pipeline: 'random-users', prefixes: { 0: 4 } };
    expect(await ask({ question: 'status', pipeline: 'random-users' }, { status, generation: null })).toEqual({
      generation: null,
      pipelines: [{ pipeline: 'random-users', lag: 5 }],
    });
  });

  it('says that a pipeline was never prepared', async () => {
    await expect(ask({ question: 'status' }, { generation: null })).rejects.toThrow('run prepare first');
  });

  it('answers nothing of a run that has not begun', async () => {
    const asked = { question: 'account', pipeline: 'random-users', run: '2026-11-24T17:00:00Z' };
    expect(await ask(asked)).toEqual({ account: null });
  });

  it.each([
    ['all of them', ['a', 'b'], { absorbed: true, waiting: [] }],
    ['one of them', ['a'], { absorbed: false, waiting: ['b'] }],
  ])('says which runs the tables still wait for when they have %s', async (_what, absorbed, answer) => {
    expect(await ask({ question: 'absorbed', pipeline: 'random-users', runs: ['a', 'b'] }, { absorbed })).toEqual(
      answer,
    );
  });

  it.each([
    ['names the newest instant without a run', new Date('2026-11-24T17:00:00Z'), '2026-11-24T17:00:00Z'],
    ['says that there is none', null, null],
  ])('%s', async (_what, freeInstant, instant) => {
    expect(await ask({ question: 'free_instant', pipeline: 'random-users' }, { freeInstant })).toEqual({ instant });
  });

  it.each([
    ['more', 2, [{ seq: 4 }, { seq: 9 }], 9],
    ['no more', 3, [{ seq: 4 }, { seq: 9 }], null],
    ['nothing', 3, [], null],
  ])('says where to go on when there is %s', async (_what, limit, keys, next) => {
    const asked = { question: 'keys', pipeline: 'random-users', run: 'r', limit };
    expect(await ask(asked, { keys })).toEqual({ rows: keys, next });
  });

  it.each([
    ['an unknown question', { question: 'secrets' }],
    ['too many keys', { question: 'keys', pipeline: 'random-users', run: 'r', limit: 5001 }],
    ['a noun that is none', { question: 'dead', pipeline: 'random-users', at: 'cloud' }],
  ])('refuses %s', (_what, asked) => {
    expect(question.safeParse(asked).success).toBe(false);
  });

  it('refuses a pipeline that nobody defined', async () => {
    await expect(ask({ question: 'dead', pipeline: 'unknown' })).rejects.toMatchObject({ code: 'bad_request' });
  });
});

it('sums the lag over all partitions, those without coverage from their start', () => {
  const offsets = [
    { partition: 0, low: 0, high: 9 },
    { partition: 1, low: 0, high: 3 },
    { partition: 2, low: 0, high: 5 },
  ];
  expect(lagOf(offsets, { 0: 9, 1: 1 })).toBe(0 + 2 + 5);
});
