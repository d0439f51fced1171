import kafkajs, { type Admin, type Kafka, type Producer } from 'kafkajs';
import { PipelineError } from '../../../streaming/errors.ts';
import type { PartitionOffsets, TopicAdmin, TopicMessage } from '../../ports.ts';

/** Port TopicAdmin on Kafka. Connections are made at the first call and kept. */
export function kafkaTopic(kafka: Kafka): TopicAdmin & { close(): Promise<void> } {
  const producer = connectedOnce(() =>
    kafka.producer({
      idempotent: true,
      // One in flight: what was sent before is acknowledged before, so a crash never leaves a hole behind.
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: () => partitionOfMessage,
    }),
  );
  const admin = connectedOnce(() => kafka.admin());

  return {
    send: (topic, messages) => reaching(topic, () => sendOrRenew(producer, topic, messages)),
    offsets: (topic) => reaching(topic, async () => offsets(await admin.get(), topic)),
    ensureTopic: (topic) => reaching(topic.name, async () => ensureTopic(await admin.get(), topic)),
    close: async () => void (await Promise.all([producer.close(), admin.close()])),
  };
}

const partitionOfMessage = ({ message }: { message: { partition?: number } }) => message.partition ?? 0;

/** After a failed send it is in doubt which sequence numbers the brokers have seen: the next one starts with new ones. */
async function sendOrRenew(producer: Connected<Producer>, topic: string, messages: readonly TopicMessage[]) {
  try {
    return await send(await producer.get(), topic, messages);
  } catch (error) {
    await producer.close();
    throw error;
  }
}

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

type TopicToEnsure = Parameters<TopicAdmin['ensureTopic']>[0];

async function ensureTopic(admin: Admin, topic: TopicToEnsure): Promise<'created' | 'present'> {
  const created = await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic: topic.name,
        numPartitions: topic.partitions,
        // The cluster's own default: one locally, three on AWS.
        replicationFactor: -1,
        configEntries: [
          // Offsets must stay contiguous: accounting is by ranges.
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'retention.ms', value: String(topic.retentionMs) },
          { name: 'max.message.bytes', value: String(topic.maxMessageBytes) },
        ],
      },
    ],
  });
  return created ? 'created' : 'present';
}

interface Connected<T> {
  get(): Promise<T>;
  close(): Promise<void>;
}

/** Connects at the first use; a failed attempt is not kept, so that the next use tries again. */
function connectedOnce<T extends Producer | Admin>(make: () => T): Connected<T> {
  let connected: Promise<T> | undefined;
  return {
    get(): Promise<T> {
      connected ??= connect(make()).catch((error) => {
        connected = undefined;
        throw error;
      });
      return connected;
    },
    async close(): Promise<void> {
      const leaving = connected;
      connected = undefined;
      await (await leaving)?.disconnect();
    },
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
    const got = error instanceof Error ? error.message : String(error);
    throw new PipelineError(`topic ${topic}: expected an answer of the brokers, got ${got}; it is tried again`, {
      code: 'topic_unavailable',
      at: 'topic',
      retriable: true,
      cause: error,
    });
  }
}
