import { describe, expect, it } from 'vitest';
import type { Account } from '../../../functions/ports.ts';
import { type Accounts, reconcile, reconcileRuns } from '../../../functions/reconcile/reconcile.ts';
import type { TimedAccount } from '../../../functions/reconcile/tally.ts';
import type { Definition } from '../../../streaming/definition.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { runName } from '../../../streaming/schedule.ts';
import { account } from './accounts.ts';

const now = Date.parse('2026-11-24T17:00:30Z');
const minute = 60_000;
const at = (time: string) => new Date(`2026-11-24T${time}:00Z`);

/** A run of an instant, which last moved a minute after it. */
const run = (time: Date, changes: Partial<Account> = {}): TimedAccount => ({
  ...account({ run: runName(time), ...changes }),
  time,
  moved_at: new Date(time.getTime() + minute),
});

const accountsOf = (runs: readonly TimedAccount[]): Accounts => ({
  firstInstant: async () => null,
  between: async (_, { from, until }) => runs.filter(({ time }) => time >= from && time < until),
  named: async (_, names) => runs.filter(({ run: name }) => names.includes(name)),
});

const portsOf = (runs: readonly TimedAccount[], remainingMs = 300_000) => ({
  accounts: accountsOf(runs),
  now,
  remainingMs: () => remainingMs,
});

const asked = { each: false, patienceMs: 5 * minute };
const everyHour: Definition = { ...randomUsers, schedule: { every: '1h', records: 100 } };

describe('Reconcile', () => {
  it('says of a path where all is in place how much that is, and nothing else', async () => {
    const runs = [run(at('15:00')), run(at('16:00'))];
    const answer = await reconcile(portsOf(runs), everyHour, { from: at('15:00'), until: at('17:00') }, asked);
    expect(answer).toMatchObject({ done: true, cursor: null, runs: [], missing: [] });
    expect(answer.totals).toEqual({
      ...{ runs: 2, balanced: 2, lossy: 0, underWay: 0, unbalanced: 0, missing: 0 },
      ...{
        received: 200,
        rejected: 8,
        landed: 192,
        published: 192,
        stored: 184,
        dead: 6,
        expired: 2,
        lost: 0,
        erased: 0,
      },
    });
  });

  it('sums by the hour, and names the runs that do not balance and the instants without one', async () => {
    const runs = [run(at('15:00')), run(at('15:02'), { covered: 90, stored: 86 })];
    const answer = await reconcile(portsOf(runs), randomUsers, { from: at('15:00'), until: at('16:01') }, asked);
    expect(
      answer.hours.map(({ hour, runs: count, unbalanced, missing }) => [hour, count, unbalanced, missing]),
    ).toEqual([
      ['2026-11-24T15:00:00Z', 2, 1, 58],
      ['2026-11-24T16:00:00Z', 0, 0, 1],
    ]);
    expect(answer.runs.map(({ run: name, balance, imbalances }) => [name, balance, imbalances[0]?.by])).toEqual([
      ['2026-11-24T15:02:00Z', 'unbalanced', 6],
    ]);
    expect(answer.missing).toHaveLength(59);
    expect(answer.missing.slice(0, 2)).toEqual(['2026-11-24T15:01:00Z', '2026-11-24T15:03:00Z']);
  });

  it('answers every run when it is asked for each', async () => {
    const runs = [run(at('15:00')), run(at('16:00'))];
    const interval = { from: at('15:00'), until: at('17:00') };
    const answer = await reconcile(portsOf(runs), everyHour, interval, { ...asked, each: true });
    expect(answer.runs.map(({ balance }) => balance)).toEqual(['balanced', 'balanced']);
  });

  it.each([
    ['has moved within its patience', 5, 'under way'],
    ['has not', 1, 'unbalanced'],
  ])('calls an open run that %s %s', async (_, patience, balance) => {
    const runs = [run(at('16:57'), { closed: false })];
    const interval = { from: at('16:57'), until: at('16:58') };
    const answer = await reconcile(portsOf(runs), randomUsers, interval, {
      each: false,
      patienceMs: patience * minute,
    });
    expect(answer.runs).toMatchObject([{ balance }]);
  });

  it('misses no instant that is younger than its patience', async () => {
    const interval = { from: at('16:53'), until: new Date(now) };
    const answer = await reconcile(portsOf([]), randomUsers, interval, asked);
    expect(answer.missing).toEqual(['2026-11-24T16:53:00Z', '2026-11-24T16:54:00Z', '2026-11-24T16:55:00Z']);
  });

  it('counts a redrive in the hour in which it was opened', async () => {
    const redrive = { ...run(at('15:10')), run: 'redrive:1' };
    const answer = await reconcile(portsOf([redrive]), everyHour, { from: at('15:01'), until: at('16:00') }, asked);
    expect(answer).toMatchObject({ hours: [{ hour: '2026-11-24T15:00:00Z', runs: 1, balanced: 1 }], missing: [] });
  });

  it.each([
    ['when its answer is long', 300_000, 2],
    ['when the time runs out', 1000, 4],
  ])('stops %s, and goes on from its cursor to the same sum', async (_, remainingMs, calls) => {
    const interval = { from: new Date('2026-11-20T12:00:00Z'), until: new Date('2026-11-24T12:00:00Z') };
    const runs = [run(new Date('2026-11-20T12:00:00Z')), run(new Date('2026-11-23T11:59:00Z'))];
    const ports = portsOf(runs, remainingMs);
    const answers = [await reconcile(ports, randomUsers, interval, asked)];
    for (let last = answers[0]; last?.cursor; last = answers.at(-1)) {
      answers.push(await reconcile(ports, randomUsers, { ...interval, from: new Date(last.cursor) }, asked));
    }
    // Four days of minutes without a run: two of them fill an answer.
    expect(answers).toHaveLength(calls);
    expect(answers.reduce((sum, { totals }) => sum + totals.missing, 0)).toBe(4 * 1440 - 2);
    expect(answers.reduce((sum, { totals }) => sum + totals.runs, 0)).toBe(2);
  });

  it('answers named runs one by one, and which of them are not on file', async () => {
    const ports = portsOf([run(at('15:00')), run(at('16:00'), { received: 101 })]);
    const names = ['2026-11-24T15:00:00Z', '2026-11-24T16:00:00Z', 'redrive:9'];
    const answer = await reconcileRuns(ports, randomUsers, names, asked);
    expect(answer.runs.map(({ balance }) => balance)).toEqual(['balanced', 'unbalanced']);
    expect(answer).toMatchObject({ done: true, missing: ['redrive:9'], totals: { runs: 2, missing: 1 } });
  });
});
