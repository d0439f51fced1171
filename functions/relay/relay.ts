import type { Definition } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { topicOf } from '../../streaming/names.ts';
import type { Measure } from '../metrics.ts';
import type { LandedRow, Topic } from '../ports.ts';
import type { MessageEncoder } from './message.ts';
import type { Outbox, Turn } from './outbox.ts';
import { positionAfter } from './position.ts';

export interface RelayPorts {
  readonly outbox: Outbox;
  readonly topic: Topic;
  readonly encode: MessageEncoder;
  /** Milliseconds until this call is cut off. */
  readonly remaining: () => number;
  /** Calls the relay again, to go on after this call's end. */
  readonly wake: () => Promise<void>;
  readonly measure: Measure;
}

export interface RelayAnswer {
  readonly published: number;
  readonly batches: number;
  /** Offsets passed over: another writer's, or those of a batch that was sent just before a crash. */
  readonly unexpected: number;
  readonly busy: boolean;
  /** False when rows were left for the next call. */
  readonly done: boolean;
}

const batchLimit = { rows: 2000, bytes: 4_000_000 };
const reserveMs = 30_000;
/** Offsets beyond those on file that relays may have left which died before they noted them: five batches. */
const mostBeyond = 5 * batchLimit.rows;

/** landing -> topic, until nothing is left. Busy is success: whoever holds the fence looks once more after letting go. */
export async function relay(pipeline: Definition, ports: RelayPorts): Promise<RelayAnswer> {
  const total = { published: 0, batches: 0, unexpected: 0 };
  // Silence would look as if nobody had called.
  ports.measure(pipeline.name, { RecordsPublished: 0 });
  for (;;) {
    if (ports.remaining() < reserveMs) {
      await ports.wake();
      return { ...total, busy: false, done: false };
    }
    const isFirst = total.batches === 0;
    const batch = await ports.outbox.inTurn(pipeline.name, (turn) => publishBatch(pipeline, turn, ports, isFirst));
    if (batch === 'busy') return { ...total, busy: true, done: true };
    if (batch.read > 0) {
      ports.measure(pipeline.name, { RecordsPublished: batch.published });
      total.published += batch.published;
      total.unexpected += batch.unexpected;
      total.batches += 1;
    } else if (!(await ports.outbox.hasRows(pipeline.name))) {
      return { ...total, busy: false, done: true };
    }
  }
}

async function publishBatch(pipeline: Definition, turn: Turn, { topic, encode }: RelayPorts, isFirst: boolean) {
  const rows = await turn.read(batchLimit);
  if (rows.length === 0) return { read: 0, published: 0, unexpected: 0 };
  if (isFirst) await refuseOtherTopic(pipeline, turn, topic);
  const kept = rows.filter((row) => !isErased(row));
  const messages = kept.map(encode);
  const bases = messages.length === 0 ? new Map() : await topic.send(topicOf(pipeline), messages);
  const next = positionAfter(turn.position, kept, messages, bases);
  if (next.truncated !== undefined) throw truncated(pipeline, next.truncated);
  const seq = rows.at(-1)?.seq ?? next.position.seq;
  await turn.advance({ ...next.position, seq }, next.published);
  return { read: rows.length, published: kept.length, unexpected: next.unexpected };
}

/** Erased under the fence, before it was published: passed by. */
const isErased = ({ payload }: LandedRow) => Object.keys(payload).length === 0;

/**
 * A topic that ends before what was published to it was re-created or cut: its old offsets mean something else now. One
 * that ends far beyond it knows of more than the database does: its runs and positions are of the past.
 * Asked behind the fence, where nobody else moves the position meanwhile.
 */
async function refuseOtherTopic(pipeline: Definition, { position }: Turn, topic: Topic): Promise<void> {
  const offsets = await topic.offsets(topicOf(pipeline));
  for (const [partition, expected] of position.ends.entries()) {
    const got = offsets.find((found) => found.partition === partition)?.high ?? 0;
    if (got < expected) throw truncated(pipeline, { partition, expected, got });
  }
  const beyond = offsets.reduce((sum, { partition, high }) => sum + high - (position.ends[partition] ?? 0), 0);
  if (beyond > mostBeyond) throw ahead(pipeline, beyond);
}

function ahead(pipeline: Definition, got: number): PipelineError {
  return new PipelineError(
    `topic ${topicOf(pipeline)}: expected at most ${mostBeyond} offsets beyond those on file, got ${got}; the database was ` +
      'restored from an older copy, or somebody else writes to the topic, and nothing more is published until an ' +
      'operator has decided what that means',
    { code: 'topic_ahead', at: 'topic', retriable: false },
  );
}

function truncated(
  pipeline: Definition,
  { partition, expected, got }: { partition: number; expected: number; got: number },
) {
  return new PipelineError(
    `topic ${topicOf(pipeline)}, partition ${partition}: expected to end at offset ${expected} or later, got ${got}; ` +
      'it was re-created or truncated, and nothing more is published until an operator has decided what that means',
    { code: 'topic_truncated', at: 'topic', retriable: false },
  );
}
