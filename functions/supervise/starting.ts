import type { PartitionOffsets } from '../ports.ts';

/** Offsets [from, until) of a partition that the tables need and the topic no longer has. */
interface Hole {
  readonly partition: number;
  readonly from: number;
  readonly until: number;
}

export type Start =
  | { readonly offsets: Readonly<Record<string, number>> }
  | { readonly loss: { readonly reason: 'expired' | 'truncated'; readonly holes: readonly Hole[] } };

/**
 * Where a pipeline's query starts: at the end of what its tables have absorbed, partition by partition. When the topic no
 * longer reaches back that far, or ends before it, going on would skip records without a word.
 */
export function startOf(topic: readonly PartitionOffsets[], prefixes: ReadonlyMap<number, number>): Start {
  const prefixOf = (partition: number) => prefixes.get(partition) ?? 0;
  const truncated = topic.flatMap(({ partition, high }) => hole(partition, high, prefixOf(partition)));
  if (truncated.length > 0) return { loss: { reason: 'truncated', holes: truncated } };
  const expired = topic.flatMap(({ partition, low }) => hole(partition, prefixOf(partition), low));
  if (expired.length > 0) return { loss: { reason: 'expired', holes: expired } };
  return { offsets: Object.fromEntries(topic.map(({ partition }) => [partition, prefixOf(partition)])) };
}

const hole = (partition: number, from: number, until: number): Hole[] =>
  from < until ? [{ partition, from, until }] : [];
