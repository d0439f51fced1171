import { randomBytes, randomUUID } from 'node:crypto';
import kafkajs, { type Kafka, type KafkaMessage } from 'kafkajs';
import { expect } from 'vitest';
import { checkTopic } from '../../functions/adapters/kafka/check-topic.ts';
import { kafkaClient } from '../../functions/adapters/kafka/client.ts';
import { kafkaTopic } from '../../functions/adapters/kafka/topic.ts';
import type { TopicAdmin, TopicMessage } from '../../functions/ports.ts';
import { openPath, until } from '../e2e/path.ts';
import { type Adapter, type Cases, contract } from './contract.ts';

interface TopicUnderTest {
  readonly topic: TopicAdmin;
  /** The same adapter where nobody listens. */
  readonly nowhere: TopicAdmin;
  /** The same adapter where somebody else makes the topics. */
  readonly found: TopicAdmin;
  /** Every message of a topic, read by the server's own client, by partition and in its order. */
  read(topic: string, count: number): Promise<ReadonlyMap<number, readonly KafkaMessage[]>>;
  setting(topic: string, name: string): Promise<string | undefined>;
}

const nameOfItsOwn = () => `contract-${randomUUID()}`;
const wanted = (name: string) => ({ name, partitions: 3, retentionMs: 3_600_000, maxMessageBytes: 8_000_000 });
const message = (partition: number, text: string): TopicMessage => ({
  partition,
  key: Buffer.from(text),
  value: Buffer.from(`value ${text}`),
  headers: { run: 'r1', seq: text },
});
const numbered = (partition: number, count: number) =>
  Array.from({ length: count }, (_, index) => message(partition, `${partition}-${index}`));

async function made({ topic }: TopicUnderTest): Promise<string> {
  const name = nameOfItsOwn();
  await topic.ensureTopic(wanted(name));
  return name;
}
const unavailable = { code: 'topic_unavailable', at: 'topic', retriable: true };

const making: Cases<TopicUnderTest> = {
  'makes a topic once, whoever asks again': async ({ topic }) => {
    const name = nameOfItsOwn();
    expect(await topic.ensureTopic(wanted(name))).toBe('created');
    expect(await topic.ensureTopic(wanted(name))).toBe('present');
  },
  'makes a topic whose messages are never merged, and live as long as was said': async (port) => {
    const name = await made(port);
    expect(await port.setting(name, 'cleanup.policy')).toBe('delete');
    expect(await port.setting(name, 'retention.ms')).toBe('3600000');
    expect(await port.setting(name, 'max.message.bytes')).toBe('8000000');
  },
  'answers the offsets of a new topic: every partition from 0 to 0, in order': async (port) => {
    const name = await made(port);
    expect(await port.topic.offsets(name)).toEqual([0, 1, 2].map((partition) => ({ partition, low: 0, high: 0 })));
  },
};

const unfit = { code: 'topic_unavailable', at: 'topic', retriable: false };

const finding: Cases<TopicUnderTest> = {
  'is content with a topic that somebody else made, as it is defined': async (port) => {
    expect(await port.found.ensureTopic(wanted(await made(port)))).toBe('present');
  },
  'refuses that a topic is not there, and makes none': async (port) => {
    const name = nameOfItsOwn();
    await expect(port.found.ensureTopic(wanted(name))).rejects.toMatchObject({
      ...unfit,
      message: `topic ${name}: expected 3 partitions, as its definition says, got no such topic; the stack \`topic\` owns it: deploy that first`,
    });
    expect(await port.topic.ensureTopic(wanted(name))).toBe('created');
  },
  'refuses a topic with another number of partitions': async (port) => {
    const topic = { ...wanted(await made(port)), partitions: 1 };
    await expect(port.found.ensureTopic(topic)).rejects.toMatchObject({
      ...unfit,
      message: expect.stringContaining('expected 1 partitions, as its definition says, got 3;'),
    });
  },
  'refuses a topic whose messages live longer': async (port) => {
    const topic = { ...wanted(await made(port)), retentionMs: 60_000 };
    await expect(port.found.ensureTopic(topic)).rejects.toMatchObject({
      ...unfit,
      message: expect.stringContaining('expected retention.ms=60000, as its definition says, got 3600000;'),
    });
  },
  'refuses a topic that takes shorter messages': async (port) => {
    const topic = { ...wanted(await made(port)), maxMessageBytes: 9_000_000 };
    await expect(port.found.ensureTopic(topic)).rejects.toMatchObject(unfit);
  },
};

const sending: Cases<TopicUnderTest> = {
  'sends to the partition that a message names, and answers where the first of each went': async (port) => {
    const name = await made(port);
    const sent = await port.topic.send(name, [...numbered(0, 3), ...numbered(2, 2)]);
    expect([...sent].sort()).toEqual([
      [0, 0],
      [2, 0],
    ]);
    const more = await port.topic.send(name, [message(2, 'x'), message(1, 'y'), message(2, 'z')]);
    expect([...more].sort()).toEqual([
      [1, 0],
      [2, 2],
    ]);
    expect((await port.topic.offsets(name)).map(({ high }) => high)).toEqual([3, 1, 4]);
  },
  'keeps key, value and headers byte for byte, in the order they were sent': async (port) => {
    const name = await made(port);
    const odd = { ...message(1, 'odd'), key: Buffer.from([0, 255]), value: randomBytes(1000) };
    const messages = [...numbered(1, 500), odd];
    await port.topic.send(name, messages);
    const found = (await port.read(name, messages.length)).get(1) ?? [];
    expect(found.map(({ offset }) => Number(offset))).toEqual(messages.map((_, index) => index));
    expect(found.map(({ key, value }) => [key, value])).toEqual(messages.map(({ key, value }) => [key, value]));
    expect(found.map(({ headers }) => String(headers?.['seq']))).toEqual(messages.map(({ headers }) => headers['seq']));
  },
  'gives callers who send at once offsets that are whole and apart': async (port) => {
    const name = await made(port);
    const bases = await Promise.all(Array.from({ length: 8 }, () => port.topic.send(name, numbered(0, 50))));
    const starts = bases.map((base) => base.get(0) ?? -1).sort((a, b) => a - b);
    expect(starts).toEqual([0, 50, 100, 150, 200, 250, 300, 350]);
    expect((await port.topic.offsets(name))[0]?.high).toBe(400);
  },
  'takes a batch of four megabytes that does not compress': async (port) => {
    const name = await made(port);
    const big = Array.from({ length: 40 }, () => ({ ...message(0, 'big'), value: randomBytes(100_000) }));
    await port.topic.send(name, big);
    expect((await port.topic.offsets(name))[0]?.high).toBe(40);
  },
};

const failing: Cases<TopicUnderTest> = {
  'fails for a topic that is not there, makes none, and goes on with others': async (port) => {
    const missing = nameOfItsOwn();
    await expect(port.topic.send(missing, [message(0, 'a')])).rejects.toMatchObject(unavailable);
    await expect(port.topic.offsets(missing)).rejects.toMatchObject(unavailable);
    const name = await made(port);
    expect(await port.topic.send(name, [message(0, 'a')])).toEqual(new Map([[0, 0]]));
  },
  'fails for a message that is longer than the topic takes': async ({ topic }) => {
    const name = nameOfItsOwn();
    await topic.ensureTopic({ ...wanted(name), maxMessageBytes: 10_000 });
    const long = { ...message(0, 'long'), value: randomBytes(20_000) };
    await expect(topic.send(name, [long])).rejects.toMatchObject({ code: 'topic_unavailable' });
    expect((await topic.offsets(name))[0]?.high).toBe(0);
  },
  'says that it is out of reach, and that it may be tried again': async ({ nowhere }) => {
    await expect(nowhere.send('any', [message(0, 'a')])).rejects.toMatchObject(unavailable);
    await expect(nowhere.offsets('any')).rejects.toMatchObject(unavailable);
  },
};

async function readAll(kafka: Kafka, topic: string, count: number) {
  const found = new Map<number, KafkaMessage[]>();
  const consumer = kafka.consumer({ groupId: `${topic}-reader`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let seen = 0;
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message: one }) => {
      found.set(partition, [...(found.get(partition) ?? []), one]);
      seen += 1;
    },
  });
  await until(`${count} messages on ${topic}`, 200, async () => seen >= count || undefined);
  await consumer.disconnect();
  return found;
}

async function settingOf(kafka: Kafka, topic: string, name: string): Promise<string | undefined> {
  const admin = kafka.admin();
  await admin.connect();
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }];
  const described = await admin.describeConfigs({ resources, includeSynonyms: false });
  await admin.disconnect();
  return described.resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue;
}

const apacheKafka: Adapter<TopicUnderTest> = {
  name: 'Apache Kafka',
  open: async () => {
    const path = await openPath();
    const login = path.credentials.kafka.admin;
    const topic = kafkaTopic(kafkaClient({ brokers: [`127.0.0.1:${path.platform.ports.kafka}`], ...login }));
    const nowhere = kafkaTopic(kafkaClient({ brokers: ['127.0.0.1:1'], ...login }));
    const found = kafkaTopic(
      kafkaClient({ brokers: [`127.0.0.1:${path.platform.ports.kafka}`], ...login }),
      checkTopic,
    );
    const close = async () => {
      const admin = path.kafka.admin();
      await admin.connect();
      const ours = (await admin.listTopics()).filter((name) => name.startsWith('contract-'));
      await admin.deleteTopics({ topics: ours, timeout: 30_000 });
      await admin.disconnect();
      await Promise.all([topic.close(), nowhere.close(), found.close(), path.close()]);
    };
    const read = (name: string, count: number) => readAll(path.kafka, name, count);
    return { port: { topic, nowhere, found, read, setting: (...asked) => settingOf(path.kafka, ...asked) }, close };
  },
};

contract({ ...making, ...finding, ...sending, ...failing }, [apacheKafka]);
