import type { LandedRow, Topic, TopicMessage } from '../../../functions/ports.ts';
import type { Outbox, Position, PublishedRange } from '../../../functions/relay/outbox.ts';

/** A landing in memory: what a turn changes is kept only when the turn ends well, as a transaction does. */
export function fakeOutbox(rows: LandedRow[], batchRows = 3) {
  const state = { position: { seq: 0, ends: [] } as Position, published: [] as PublishedRange[], busy: false };
  const after = (seq: number) => rows.filter((row) => row.seq > seq);
  const outbox: Outbox = {
    async inTurn(_pipeline, work) {
      if (state.busy) return 'busy';
      const kept = { position: state.position, published: [] as readonly PublishedRange[] };
      const result = await work({
        position: state.position,
        read: async () => after(state.position.seq).slice(0, batchRows),
        advance: async (position, published) => void Object.assign(kept, { position, published }),
      });
      state.position = kept.position;
      state.published.push(...kept.published);
      return result;
    },
    hasRows: async () => after(state.position.seq).length > 0,
  };
  return { outbox, state };
}

/** A topic in memory. */
export function fakeTopic(partitions = 3) {
  const logs: TopicMessage[][] = Array.from({ length: partitions }, () => []);
  const topic: Topic = {
    async send(_topic, messages) {
      const bases = new Map(messages.map(({ partition }) => [partition, logs[partition]?.length ?? 0]));
      for (const message of messages) logs[message.partition]?.push(message);
      return bases;
    },
    offsets: async () => logs.map((log, partition) => ({ partition, low: 0, high: log.length })),
  };
  return { topic, logs };
}

export const row = (seq: number, run = 'r1'): LandedRow => ({
  seq,
  run,
  origin: seq,
  version: seq,
  payload: { id: seq },
});

export const message = ({ seq }: { seq: number }): TopicMessage => ({
  partition: seq % 3,
  key: Buffer.from(String(seq)),
  value: Buffer.from(String(seq)),
  headers: { seq: String(seq) },
});
