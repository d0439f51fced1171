import { imbalancesOf } from '../../functions/balance.ts';
import type { Account } from '../../functions/ports.ts';

export interface Verdict {
  readonly verdict: 'balanced' | 'unbalanced';
  readonly pipeline: string;
  readonly run: string;
  /** Records received from the source. */
  readonly source: number;
  readonly rejected: number;
  /** Records that landed. */
  readonly landing: number;
  /** Records published. */
  readonly topic: number;
  /** Records whose offsets the stream has covered. */
  readonly stream: number;
  /**
   * Landed records that did not die and whose key reads back from every table, at their version or a later one: the
   * minimum over tables.
   */
  readonly table: number;
  /** Rejected at the source, or dead in the stream. */
  readonly dead: number;
  readonly expired: number;
  /** Between topic and stream; somebody has accepted that. */
  readonly lost: number;
  /** Before they were published, or since. */
  readonly erased: number;
  readonly seconds: { readonly start: number; readonly path: number };
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
}

/** Why a run does not balance, one sentence per broken equation; empty when it does. */
export function imbalances(account: Account, table: number, erased = 0): readonly string[] {
  const { covered, dead, expired } = account;
  const problems = imbalancesOf(account).map(({ says }) => says);
  if (table + erased === covered - dead - expired) return problems;
  const less = erased === 0 ? '' : ` - erased ${erased}`;
  return [...problems, `table ${table} is not stream ${covered} - dead ${dead} - expired ${expired}${less}`];
}

export interface Measured {
  readonly table: number;
  /** Of those that were in the tables. */
  readonly erased: number;
  readonly seconds: Verdict['seconds'];
  readonly latencies: readonly number[];
}

export function verdictOf(account: Account, { table, erased, seconds, latencies }: Measured): Verdict {
  return {
    verdict: imbalances(account, table, erased).length === 0 ? 'balanced' : 'unbalanced',
    pipeline: account.pipeline,
    run: account.run,
    source: account.received,
    rejected: account.rejected,
    landing: account.landed,
    topic: account.published,
    stream: account.covered,
    table,
    dead: account.rejected + account.dead,
    expired: account.expired,
    lost: account.lost,
    erased: account.erased + erased,
    seconds,
    latencyMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
  };
}

/** Nearest-rank quantile; null of nothing. */
export function quantile(values: readonly number[], q: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}
