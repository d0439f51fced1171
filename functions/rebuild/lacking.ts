import type { PartitionOffsets } from '../ports.ts';

/** One generation of the stream, as far as one table goes. */
export interface Era {
  /** Where it started, by partition; null when it did not host the pipeline. */
  readonly starts: Offsets | null;
  readonly hasTable: boolean;
}

/** By partition. */
export type Offsets = Readonly<Record<string, number>>;
export type Ranges = Readonly<Record<string, readonly [from: number, until: number]>>;

/**
 * Where the stream's own writes into a table begin: at the start of the first of the unbroken row of generations, up to
 * the newest, that have it. null: the newest has not.
 */
export function beginningOf(newestFirst: readonly Era[]): Offsets | null {
  const hosting = newestFirst.filter(({ starts }) => starts !== null);
  const without = hosting.findIndex(({ hasTable }) => !hasTable);
  const row = without === -1 ? hosting : hosting.slice(0, without);
  return row.at(-1)?.starts ?? null;
}

/** Offsets that the table lacks and the topic still has. A partition that no start is known of was read from its first. */
export function replayable(topic: readonly PartitionOffsets[], beginning: Offsets): Ranges {
  const ranges = topic.map(({ partition, low, high }) => {
    const until = Math.min(beginning[partition] ?? 0, high);
    return [String(partition), [low, until]] as const;
  });
  return Object.fromEntries(ranges.filter(([, [from, until]]) => from < until));
}

/** Offsets below these are lacking, and the topic has them no more. */
export function outOfReach(topic: readonly PartitionOffsets[], beginning: Offsets): Offsets {
  const ends = topic.map(
    ({ partition, low }) => [String(partition), Math.min(beginning[partition] ?? 0, low)] as const,
  );
  return Object.fromEntries(ends.filter(([, end]) => end > 0));
}

export const sizeOf = (ranges: Ranges) => Object.values(ranges).reduce((sum, [from, until]) => sum + until - from, 0);

/**
 * Whether a table holds rows that the stream has not brought since it writes it. `written` are write times of some of its
 * rows, null where none could be read; `oldest` is the oldest version that the stream has brought, null when it has
 * brought nothing, or when nothing is lacking.
 */
export const isFilled = (written: readonly (number | null)[], oldest: number | null) =>
  written.length > 0 && (oldest === null || written.some((at) => at !== null && at < oldest));
