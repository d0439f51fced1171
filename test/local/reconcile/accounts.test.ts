import { describe, expect, it } from 'vitest';
import type { DeepAnswer } from '../../../functions/reconcile/deep.ts';
import { accountsOf } from '../../../local/reconcile/accounts.ts';
import { compareAll } from '../../../local/reconcile/deep.ts';
import { answer, tally } from './answers.ts';

/** A step that gives these answers in turn, and keeps what it was asked. */
function answering(...answers: readonly object[]) {
  const asked: object[] = [];
  const remaining = [...answers];
  const call = async <A>(_: string, event: object): Promise<A> => {
    asked.push(event);
    return remaining.shift() as A;
  };
  return { steps: { call }, asked };
}

describe('The accounts of an interval that takes two answers', () => {
  const hour = (at: string) => ({ hour: `2026-11-24T${at}:00Z`, ...tally() });
  const half = { done: false, cursor: '2026-11-24T16:30:00.000Z', until: '2026-11-24T16:30:00.000Z' };
  const first = answer({ ...half, hours: [hour('15:00'), hour('16:00')], missing: ['a'], totals: tally({ runs: 2 }) });
  const second = answer({ from: half.cursor, hours: [hour('16:00'), hour('17:00')], missing: ['b'] });

  it('are the sum of both, an hour that both have a part of once', async () => {
    const whole = await accountsOf(answering(first, second).steps, { pipeline: 'p', until: 'u' });
    expect(whole).toMatchObject({ done: true, from: first.from, until: second.until, missing: ['a', 'b'] });
    expect(whole.totals).toMatchObject({ runs: 3, received: 20 });
    expect(whole.hours.map(({ hour: at, received }) => [at.slice(11, 16), received])).toEqual([
      ['15:00', 10],
      ['16:00', 20],
      ['17:00', 10],
    ]);
  });

  it('are asked for from the same beginning, with the cursor', async () => {
    const { steps, asked } = answering(first, second);
    await accountsOf(steps, { pipeline: 'p', until: 'u', each: true });
    expect(asked).toEqual([
      { pipeline: 'p', until: 'u', each: true, from: undefined, cursor: undefined },
      { pipeline: 'p', until: 'u', each: true, from: first.from, cursor: half.cursor },
    ]);
  });
});

describe('A comparison that takes two answers', () => {
  const part = (changes: Partial<DeepAnswer>): DeepAnswer => ({
    ...{ pipeline: 'p', done: true, cursor: null, rows: 5, gone: 1, compared: 4, dead: 1, expired: 0, erased: 0 },
    astray: [],
    ...changes,
  });
  const astray = (seq: number) => ({ seq, run: 'r', origin: seq, version: seq, tables: { users: 'missing' as const } });

  it('is the sum of both, asked for with the cursor, telling how far it is', async () => {
    const first = part({ done: false, cursor: '7', astray: [astray(3)] });
    const { steps, asked } = answering(first, part({ astray: [astray(9)] }));
    const rows: number[] = [];
    const interval = { pipeline: 'p', from: 'f', until: 'u' };
    const whole = await compareAll(steps, interval, (count) => rows.push(count));
    expect(whole).toMatchObject({ rows: 10, gone: 2, compared: 8, dead: 2 });
    expect(whole.astray.map(({ seq }) => seq)).toEqual([3, 9]);
    expect(asked).toEqual([
      { ...interval, deep: true },
      { ...interval, deep: true, cursor: '7' },
    ]);
    expect(rows).toEqual([6, 12]);
  });
});
