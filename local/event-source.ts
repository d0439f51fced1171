import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { kafkaClient, type TopicSecret } from '../functions/adapters/kafka/client.ts';

export interface EventSourceOptions {
  readonly kafka: TopicSecret;
  /** Fixed, so that a restart goes on where the last run committed. */
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Invokes the function and waits; throws when it failed. */
  readonly invoke: (event: KafkaEvent) => Promise<void>;
  readonly log: (line: string) => void;
}

/** What Lambda hands to a function for MSK. */
export interface KafkaEvent {
  readonly eventSource: 'aws:kafka';
  readonly bootstrapServers: string;
  /** By `topic-partition`. */
  readonly records: Readonly<Record<string, readonly KafkaEventRecord[]>>;
}

interface KafkaEventRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly timestampType: 'CREATE_TIME';
  readonly key?: string;
  /** Base64; absent for a tombstone. */
  readonly value?: string;
  readonly headers: readonly Readonly<Record<string, readonly number[]>>[];
}

const maxRecords = 500;
/** Bytes of keys and values; as base64 they stay below Lambda's 6 MB. */
const maxBytes = 4 * 1024 * 1024;
const heartbeatMs = 3000;
const longestPauseMs = 10_000;

/**
 * Lambda's event source mapping for MSK, for one machine: polls topics, invokes a function with what it found and
 * commits once the function succeeded. A failure is repeated for ever and never skipped, as on AWS without a failure
 * destination. Records do not wait for company: while the function runs, the next batch gathers by itself.
 */
export async function startEventSource(options: EventSourceOptions): Promise<{ stop(): Promise<void> }> {
  const stopped = new AbortController();
  const consumer = kafkaClient(options.kafka).consumer({
    groupId: options.groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 1000,
    maxBytes,
    retry: { restartOnFailure: async (error) => restart(error, options, stopped.signal) },
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: (payload) => carry(payload, consumer, options, stopped.signal),
  });
  return {
    stop: async () => {
      stopped.abort();
      await consumer.disconnect();
    },
  };
}

/** kafkajs gives up on what it takes for permanent; here even a missing topic may come back. */
async function restart(error: Error, { log, topics }: EventSourceOptions, stopped: AbortSignal): Promise<boolean> {
  if (!stopped.aborted) log(`event source of ${topics.join(', ')}: polling starts anew after: ${error.message}`);
  return !stopped.aborted;
}

async function carry(
  { batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload,
  consumer: Consumer,
  options: EventSourceOptions,
  stopped: AbortSignal,
): Promise<void> {
  const { topic, partition } = batch;
  const goesOn = () => isRunning() && !isStale() && !stopped.aborted;
  for (const messages of chunksOf(batch.messages)) {
    const event = kafkaEvent(options.kafka.brokers, topic, partition, messages);
    const done = await untilItSucceeds(event, options, heartbeat, goesOn, stopped);
    if (!done) return;
    const last = BigInt(messages.at(-1)?.offset ?? 0);
    resolveOffset(String(last));
    await consumer.commitOffsets([{ topic, partition, offset: String(last + 1n) }]);
  }
}

/** False when polling ended first; the records come again, to whoever polls next. */
async function untilItSucceeds(
  event: KafkaEvent,
  { invoke, log }: EventSourceOptions,
  heartbeat: () => Promise<void>,
  goesOn: () => boolean,
  stopped: AbortSignal,
): Promise<boolean> {
  for (let failures = 0; goesOn(); failures += 1) {
    const failure = await beating(
      heartbeat,
      invoke(event).then(
        () => null,
        (error: Error) => error,
      ),
    );
    if (failure === null) return true;
    const pauseMs = Math.min(longestPauseMs, 250 * 2 ** failures);
    log(`event source: ${Object.keys(event.records).join()} failed, again in ${pauseMs} ms: ${failure.message}`);
    await beating(
      heartbeat,
      pause(pauseMs, undefined, { signal: stopped }).catch(() => undefined),
    );
  }
  return false;
}

/** Waits for the work and tells the group meanwhile that we live. */
async function beating<T>(heartbeat: () => Promise<void>, work: Promise<T>): Promise<T> {
  const pending = Symbol('pending');
  while (true) {
    const timer = new AbortController();
    const tick = pause(heartbeatMs, pending, { signal: timer.signal }).catch(() => pending);
    const first = await Promise.race([work, tick]);
    timer.abort();
    if (first !== pending) return first as T;
    await heartbeat();
  }
}

/** Cuts a fetched batch into what one invocation may carry. */
export function* chunksOf(messages: readonly KafkaMessage[]): Generator<readonly KafkaMessage[]> {
  let from = 0;
  let bytes = 0;
  for (const [index, message] of messages.entries()) {
    const size = (message.key?.byteLength ?? 0) + (message.value?.byteLength ?? 0);
    if (index > from && (index - from === maxRecords || bytes + size > maxBytes)) {
      yield messages.slice(from, index);
      from = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < messages.length) yield messages.slice(from);
}

/** The event in Lambda's shape. */
export function kafkaEvent(
  brokers: readonly string[],
  topic: string,
  partition: number,
  messages: readonly KafkaMessage[],
): KafkaEvent {
  const records = messages.map((message) => ({
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    timestampType: 'CREATE_TIME' as const,
    ...(message.key ? { key: message.key.toString('base64') } : {}),
    ...(message.value ? { value: message.value.toString('base64') } : {}),
    headers: Object.entries(message.headers ?? {}).flatMap(([name, values]) =>
      [values ?? []].flat().map((value) => ({ [name]: [...Buffer.from(value)] })),
    ),
  }));
  return {
    eventSource: 'aws:kafka',
    bootstrapServers: brokers.join(','),
    records: { [`${topic}-${partition}`]: records },
  };
}
