import type { Position, PublishedRange } from './outbox.ts';

interface Sent {
  readonly position: Position;
  readonly published: readonly PublishedRange[];
  /** Offsets between the expected and the acknowledged ones: not of a batch that is on file. */
  readonly unexpected: number;
  /** Set when a partition gave out an offset again that it had given before. */
  readonly truncated?: { readonly partition: number; readonly expected: number; readonly got: number };
}

/** The next expected offset per partition; 0 where nothing was published yet. */
function expectedEnds({ ends }: Position, partitions: number): number[] {
  return Array.from({ length: Math.max(partitions, ends.length) }, (_, partition) => ends[partition] ?? 0);
}

/**
 * Where the relay stands after a batch was acknowledged. A partition's messages of one batch lie side by side from its
 * base offset on, in the order in which they were sent.
 */
export function positionAfter(
  position: Position,
  rows: readonly { readonly run: string; readonly seq: number }[],
  messages: readonly { readonly partition: number }[],
  bases: ReadonlyMap<number, number>,
): Sent {
  const ends = expectedEnds(position, Math.max(...bases.keys()) + 1);
  let unexpected = 0;
  for (const [partition, base] of bases) {
    const expected = ends[partition] ?? 0;
    if (base < expected) return { position, published: [], unexpected, truncated: { partition, expected, got: base } };
    unexpected += base - expected;
    ends[partition] = base;
  }
  const published = rangesOf(rows, messages, ends);
  return { position: { seq: rows.at(-1)?.seq ?? position.seq, ends }, published, unexpected };
}

/** Hands out offsets from `ends` on, moving it; neighbours of one run become one range. */
function rangesOf(
  rows: readonly { readonly run: string }[],
  messages: readonly { readonly partition: number }[],
  ends: number[],
): PublishedRange[] {
  const ranges: PublishedRange[] = [];
  const open = new Map<number, { run: string; partition: number; from: number; until: number }>();
  for (const [index, { run }] of rows.entries()) {
    const partition = messages[index]?.partition ?? 0;
    const offset = ends[partition] ?? 0;
    ends[partition] = offset + 1;
    const range = open.get(partition);
    if (range?.run === run) {
      range.until = offset + 1;
    } else {
      const started = { run, partition, from: offset, until: offset + 1 };
      open.set(partition, started);
      ranges.push(started);
    }
  }
  return ranges;
}
