import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import type { Admin, Consumer, EachMessagePayload, Kafka } from 'kafkajs';
import { kafkaClient } from '../../functions/adapters/kafka/client.ts';
import { codecOf } from '../../streaming/avro.ts';
import type { SchemaId } from '../../streaming/framing.ts';
import { auditTopicOf, topicOf } from '../../streaming/names.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { wholeNumber } from '../options.ts';
import { registryUrl } from '../services/registry.ts';
import { requireRunning } from './connect.ts';
import { endWith } from './end.ts';
import { untilInterrupted } from './interrupt.ts';
import { decode, messageJson, messageLines, type SchemaOf, startOffset } from './peek-message.ts';
import { runVerb } from './verb.ts';

interface PeekOptions {
  readonly from: string;
  readonly limit?: number;
  readonly json: boolean;
  readonly data: string;
}

const example = pipelines.map(topicOf)[0];

const command = new Command('npm run peek --')
  .description('Messages of a topic, decoded, with their headers: live until Ctrl-C, or until --limit is reached.')
  .argument('<topic>', `such as ${example} or ${example}.audit`)
  .option('--from <offset>', 'an offset (of every partition), beginning or end', startingPoint, 'end')
  .option('--limit <n>', 'end after so many messages; waits for them', wholeNumber)
  .option('--json', 'one JSON object a line', false)
  .option('--data <dir>', 'data folder', '.millrace')
  .action((topic: string, options: PeekOptions) => endWith(() => peek(topic, options)));

function startingPoint(text: string): string {
  if (/^(beginning|end|\d+)$/.test(text)) return text;
  throw new InvalidArgumentError(`expected an offset, beginning or end, got ${text}`);
}

async function peek(topic: string, options: PeekOptions): Promise<number> {
  const { platform, readers } = requireRunning(options.data);
  const kafka = kafkaClient(readers.topic);
  const admin = kafka.admin();
  await admin.connect();
  try {
    const starts = await startsOf(admin, topic, options.from);
    await read(kafka, admin, {
      topic,
      starts,
      show: shower(topic, options, schemasOf(registryUrl(platform.ports.registry))),
    });
    return 0;
  } finally {
    await admin.disconnect();
  }
}

type Starts = readonly { readonly partition: number; readonly offset: string }[];

async function startsOf(admin: Admin, topic: string, from: string): Promise<Starts> {
  const known = await admin.listTopics();
  if (!known.includes(topic)) throw new RangeError(`topic: expected one of ${known.sort().join(', ')}, got ${topic}`);
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.map(({ partition, low, high }) => ({
    partition,
    offset: String(startOffset(from, { low: Number(low), high: Number(high) })),
  }));
}

/** Shows a message; answers whether it was the last one asked for. */
type Show = (payload: EachMessagePayload) => Promise<boolean>;

function shower(topic: string, { limit, json }: PeekOptions, schemaOf: SchemaOf): Show {
  const isAudit = pipelines.some((pipeline) => auditTopicOf(pipeline) === topic);
  let left = limit ?? Number.POSITIVE_INFINITY;
  return async ({ partition, message }) => {
    // The consumer may hand over more of its batch while it is being stopped.
    if (left === 0) return true;
    left -= 1;
    const found = messageJson(topic, partition, message, await decode(message.value, isAudit, schemaOf));
    console.log(json ? JSON.stringify(found) : messageLines(found));
    return left === 0;
  };
}

/** Reads with a group of its own that commits nothing and is gone afterwards, however the reading ends. */
async function read(kafka: Kafka, admin: Admin, what: { topic: string; starts: Starts; show: Show }): Promise<void> {
  const groupId = `millrace-peek-${randomBytes(4).toString('hex')}`;
  // A short poll: leaving waits for the one under way.
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500, allowAutoTopicCreation: false });
  const reading = (async () => {
    await consumer.connect();
    await consumer.subscribe({ topic: what.topic });
    await consume(consumer, what, untilInterrupted());
  })();
  const [read] = await Promise.allSettled([reading]);
  // Kafka forgets a group without members and offsets by itself, so what hinders tidying is not told over the cause.
  const [left] = await Promise.allSettled([consumer.disconnect().then(() => forget(admin, groupId))]);
  if (read.status === 'rejected') throw read.reason;
  if (left.status === 'rejected') throw left.reason;
}

/** A reading that ended early has not made its group yet. */
async function forget(admin: Admin, groupId: string): Promise<void> {
  const { groups } = await admin.listGroups();
  if (groups.some((group) => group.groupId === groupId)) await admin.deleteGroups([groupId]);
}

function consume(
  consumer: Consumer,
  { topic, starts, show }: { topic: string; starts: Starts; show: Show },
  interrupted: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    interrupted.addEventListener('abort', () => resolve(), { once: true });
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    const eachMessage = async (payload: EachMessagePayload) => {
      if (await show(payload)) resolve();
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    // Heeded before the first message is fetched: run has made the group, and joins it later.
    for (const start of starts) consumer.seek({ topic, ...start });
  });
}

/** Schemas by id, each asked for once. */
function schemasOf(url: string): SchemaOf {
  const known = new Map<SchemaId, ReturnType<SchemaOf>>();
  return (id) => {
    const schema = known.get(id) ?? fetchSchema(url, id);
    known.set(id, schema);
    // Asked again with the next message: a registry that was away must not hide all that follow.
    schema.catch(() => known.delete(id));
    return schema;
  };
}

async function fetchSchema(url: string, id: SchemaId) {
  const answer = await fetch(`${url}/schemas/ids/${id}`, { signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(`schema ${id}: the registry answered ${answer.status}`);
  const { schema } = (await answer.json()) as { schema: string };
  return codecOf(JSON.parse(schema));
}

await runVerb(command);
