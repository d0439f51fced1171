import { type Balance, balanceOf, type Imbalance, imbalancesOf } from '../balance.ts';
import type { Account } from '../ports.ts';

/** A run's account as it was on file, with when it is and when it last moved. */
export interface TimedAccount extends Account {
  /** The run's instant; of a run that has none, when it was opened. */
  readonly time: Date;
  /** When the newest of its pages landed, or it was opened. */
  readonly moved_at: Date;
}

/** Sums of the accounts of many runs. */
export interface Tally {
  readonly runs: number;
  readonly balanced: number;
  /** Runs that balance but for records that are lost. */
  readonly lossy: number;
  readonly underWay: number;
  readonly unbalanced: number;
  /** Instants of the grid that have no run. */
  readonly missing: number;
  readonly received: number;
  readonly rejected: number;
  readonly landed: number;
  readonly published: number;
  readonly stored: number;
  readonly dead: number;
  readonly expired: number;
  readonly lost: number;
  /** Landed, and erased before they were published. */
  readonly erased: number;
}

export interface RunReport extends Account {
  readonly balance: Balance;
  readonly imbalances: readonly Imbalance[];
}

const nothing: Tally = {
  ...{ runs: 0, balanced: 0, lossy: 0, underWay: 0, unbalanced: 0, missing: 0 },
  ...{ received: 0, rejected: 0, landed: 0, published: 0, stored: 0, dead: 0, expired: 0, lost: 0, erased: 0 },
};

/** The sum of tallies; of none, nothing. */
export function summed(tallies: readonly Tally[]): Tally {
  const sum: { -readonly [name in keyof Tally]: number } = { ...nothing };
  const names = Object.keys(nothing) as (keyof Tally)[];
  for (const tally of tallies) for (const name of names) sum[name] += tally[name];
  return sum;
}

/** Judges a run. One that has moved after `quietSince` is at work. */
export function reportOf({ time: _, moved_at, ...account }: TimedAccount, quietSince: Date): RunReport {
  const imbalances = imbalancesOf(account);
  return { ...account, imbalances, balance: balanceOf(account, imbalances, moved_at > quietSince) };
}

/** One run as a tally. */
export function tallyOf({ balance, ...account }: RunReport): Tally {
  const { received, rejected, landed, published, stored, dead, expired, lost, erased } = account;
  return {
    ...nothing,
    runs: 1,
    balanced: Number(balance === 'balanced'),
    lossy: Number(balance === 'lost'),
    underWay: Number(balance === 'under way'),
    unbalanced: Number(balance === 'unbalanced'),
    ...{ received, rejected, landed, published, stored, dead, expired, lost, erased },
  };
}

/** Instants without a run as a tally. */
export const tallyOfMissing = (missing: number): Tally => ({ ...nothing, missing });
