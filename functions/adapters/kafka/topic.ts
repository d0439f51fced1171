import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka, type Producer } from 'kafkajs';
import { PipelineError } from '../../../streaming/errors.ts';
import { settingsOf, type TopicSpec } from '../../../streaming/topics.ts';
import type { PartitionOffsets, TopicAdmin, TopicMessage } from '../../ports.ts';

/** How a topic comes to be as it should be. */
export type EnsureTopic = (admin: Admin, topic: TopicSpec) => Promise<'created' | 'present'>;

/** Port TopicAdmin on Kafka. Connections are made at the first call and kept. */
export function kafkaTopic(kafka: Kafka, ensure: EnsureTopic = makeTopic): TopicAdmin & { close(): Promise<void> } {
  const producer = connection(() =>
    kafka.producer({
      idempotent: true,
      // One in flight: what was sent before is acknowledged before, so a crash never leaves a hole behind.
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: () => partitionOfMessage,
    }),
  );
  const admin = connection(() => kafka.admin());

  return {
    send: (topic, messages) => reaching(topic, () => producer.use((client) => send(client, topic, messages))),
    offsets: (topic) => reaching(topic, () => admin.use((client) => offsets(client, topic))),
    ensureTopic: (topic) => reaching(topic.name, () => admin.use((client) => ensure(client, topic))),
    close: async () => void (await Promise.all([producer.close(), admin.close()])),
  };
}

const partitionOfMessage = ({ message }: { message: { partition?: number } }) => message.partition ?? 0;

async function send(producer: Producer, topic: string, messages: readonly TopicMessage[]) {
  const acknowledged = await producer.send({
    topic,
    acks: -1,
    compression: kafkajs.CompressionTypes.GZIP,
    messages: messages as TopicMessage[],
  });
  const bases = new Map(acknowledged.map(({ partition, baseOffset }) => [partition, Number(baseOffset ?? -1)]));
  // A retry that the broker had already taken may be acknowledged without saying where: better sent again than guessed.
  const unknown = [...bases].find(([, base]) => base < 0);
  if (unknown) throw new Error(`partition ${unknown[0]} acknowledged without an offset`);
  return bases;
}

async function offsets(admin: Admin, topic: string): Promise<readonly PartitionOffsets[]> {
  const found = await admin.fetchTopicOffsets(topic);
  return found
    .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
    .sort((a, b) => a.partition - b.partition);
}

/** Makes it unless it is there. */
export async function makeTopic(admin: Admin, topic: TopicSpec): Promise<'created' | 'present'> {
  const created = await admin.createTopics({
    // The client's own wait takes a topic that the broker does not know yet for one that is not there.
    waitForLeaders: false,
    topics: [
      {
        topic: topic.name,
        numPartitions: topic.partitions,
        // The cluster's own default: one locally, three on AWS.
        replicationFactor: -1,
        configEntries: Object.entries(settingsOf(topic)).map(([name, value]) => ({ name, value })),
      },
    ],
  });
  await untilServed(admin, topic.name);
  return created ? 'created' : 'present';
}

const servedWithinMs = 30_000;
const coming: readonly unknown[] = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION'];

/**
 * The controller makes a topic, its brokers learn of it a moment later, and lead its partitions another moment after; on a
 * busy machine these moments are long. Who answers the offsets of every partition serves it.
 */
async function untilServed(admin: Admin, topic: string): Promise<void> {
  const deadline = performance.now() + servedWithinMs;
  for (;;) {
    try {
      return void (await admin.fetchTopicOffsets(topic));
    } catch (error) {
      if (!coming.includes(typeOf(error)) || performance.now() > deadline) throw error;
    }
    await sleep(100);
  }
}

/** The protocol's name of an error; when its retries are used up the client wraps it. */
function typeOf(error: unknown): unknown {
  const { type, cause } = error as { type?: unknown; cause?: { type?: unknown } };
  return type ?? cause?.type;
}

interface Connection<T> {
  use<R>(call: (client: T) => Promise<R>): Promise<R>;
  close(): Promise<void>;
}

/**
 * Connects at the first use. After a failed call the next one gets a new client: it is in doubt which sequence numbers
 * the brokers have seen of this one, and a client that asked for a topic that is gone asks for it ever after.
 */
function connection<T extends Producer | Admin>(make: () => T): Connection<T> {
  let connected: Promise<T> | undefined;
  const close = async () => {
    const leaving = connected;
    connected = undefined;
    // A client that never connected has nothing to leave; the error that says so has been thrown already.
    await leaving?.then(
      (client) => client.disconnect(),
      () => undefined,
    );
  };
  return {
    async use(call) {
      connected ??= connect(make());
      try {
        return await call(await connected);
      } catch (error) {
        await close();
        throw error;
      }
    },
    close,
  };
}

async function connect<T extends Producer | Admin>(client: T): Promise<T> {
  await client.connect();
  return client;
}

async function reaching<T>(topic: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof PipelineError) throw error;
    const got = error instanceof Error ? error.message : String(error);
    throw new PipelineError(`topic ${topic}: expected an answer of the brokers, got ${got}; it is tried again`, {
      code: 'topic_unavailable',
      at: 'topic',
      retriable: true,
      cause: error,
    });
  }
}
