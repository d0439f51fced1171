import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { topicOf } from '../../streaming/names.ts';
import { type Bench, quantileMs } from './figures.ts';
import { openLanding, pagesOf } from './landing.ts';
import { type BenchPath, carry, pipeline } from './platform.ts';

const everyMs = 10;
const rowsPerPage = 10;
const seconds = 30;
const settleMs = 3000;

/** Time from a landing commit until the broker has appended the message, at 1,000 rows a second. */
export const broker: Bench = {
  what: 'relay: landing commit -> message on the broker, at 1,000 rows/s',
  async run(bench, say) {
    await carry(bench, 20_000);
    const latencies = await measure(bench);
    say(`${latencies.length} pages`);
    return [
      { name: 'relay, commit -> broker, p50', value: quantileMs(latencies, 0.5), unit: 'ms', must: 60, stretch: 35 },
      {
        name: 'relay, commit -> broker, p99',
        value: quantileMs(latencies, 0.99),
        unit: 'ms',
        must: 150,
        stretch: 90,
      },
    ];
  },
};

/** Appended minus committed, by the clock that both share: this machine's. */
async function measure(bench: BenchPath): Promise<number[]> {
  const pages = await pagesOf(bench, (seconds * 1000) / everyMs, rowsPerPage);
  const { appended, close: stopFollowing } = await follow(bench);
  const { landing, close } = await openLanding(bench, pages);
  const committed = new Map<string, number>();
  const started = performance.now();
  for (const [index, page] of pages.entries()) {
    await sleep(Math.max(0, started + index * everyMs - performance.now()));
    await landing.landPage(page);
    committed.set(String(page.rows[0]?.origin), Date.now());
    await bench.steps.wake('relay', { pipeline: pipeline.name });
  }
  await sleep(settleMs);
  await Promise.all([close(), stopFollowing()]);
  return [...committed].map(([origin, at]) => (appended.get(origin) ?? Number.POSITIVE_INFINITY) - at);
}

/** When the broker appended each message, by origin: its own time stamp. */
async function follow({ up }: BenchPath) {
  const { user: username, password } = up.credentials.kafka.admin;
  const kafka = new kafkajs.Kafka({
    brokers: [`127.0.0.1:${up.ports.kafka}`],
    sasl: { mechanism: 'scram-sha-512', username, password },
    ssl: false,
    logLevel: kafkajs.logLevel.NOTHING,
  });
  await stampOnAppend(kafka.admin());
  const appended = new Map<string, number>();
  const consumer = kafka.consumer({ groupId: 'bench', maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topicOf(pipeline)], fromBeginning: false });
  await consumer.run({
    eachMessage: async ({ message }) => {
      appended.set(String(message.headers?.['origin']), Number(message.timestamp));
    },
  });
  // Joining the group takes its time; what is appended before is not seen.
  await sleep(settleMs * 2);
  return { appended, close: () => consumer.disconnect() };
}

async function stampOnAppend(admin: kafkajs.Admin): Promise<void> {
  await admin.connect();
  const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }];
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topicOf(pipeline), configEntries }];
  await admin.alterConfigs({ validateOnly: false, resources });
  await admin.disconnect();
}
