import { cpuSoFar, signalSpark, since } from './cpu.ts';
import { type Bench, type Figure, perRecord, rate } from './figures.ts';
import { type BenchPath, carry, land, pipeline, totals, until } from './platform.ts';

const records = 300_000;
const warmUp = 60_000;

/**
 * The same records through one stage at a time, the others held: relay is kept out by its own fence, the Spark job by
 * SIGSTOP. What a stage costs and how fast it goes alone.
 */
export const stages: Bench = {
  what: `${records} records, stage by stage: extract, relay, stream`,
  async run(bench) {
    await carry(bench, warmUp);
    const extract = await extractAlone(bench);
    const relay = await relayAlone(bench);
    return [...extract, ...relay, ...(await streamAlone(bench))];
  },
};

async function extractAlone(bench: BenchPath): Promise<Figure[]> {
  const holder = await bench.database.connect();
  await holder.query('begin');
  await holder.query('select from relay_position where pipeline = $1 for update', [pipeline.name]);
  const before = cpuSoFar();
  const seconds = await land(bench, records);
  const { extract, postgres } = since(before);
  await holder.query('rollback');
  holder.release();
  return [
    rate('extract alone: source -> landing', records, seconds),
    perRecord('extract', extract, records),
    perRecord('landing (PostgreSQL while extract writes)', postgres, records),
  ];
}

async function relayAlone(bench: BenchPath): Promise<Figure[]> {
  signalSpark('SIGSTOP');
  const { published, landed } = await totals(bench);
  const before = cpuSoFar();
  const started = performance.now();
  await bench.steps.wake('relay', { pipeline: pipeline.name });
  await until(bench, 'published', landed);
  const seconds = (performance.now() - started) / 1000;
  const { relay, postgres, kafka } = since(before);
  const count = landed - published;
  return [
    rate('relay alone: backlog in landing -> Kafka', count, seconds, { must: 24_500, stretch: 35_000 }),
    perRecord('relay', relay, count, { must: 36, stretch: 29 }),
    perRecord('PostgreSQL while relay reads', postgres, count),
    perRecord('Kafka while relay writes', kafka, count),
  ];
}

async function streamAlone(bench: BenchPath): Promise<Figure[]> {
  const { covered, published } = await totals(bench);
  const before = cpuSoFar();
  signalSpark('SIGCONT');
  const seconds = await until(bench, 'covered', published);
  const { spark, cassandra } = since(before);
  const count = published - covered;
  return [
    rate('stream alone: Kafka -> both tables, durable', count, seconds),
    perRecord('Spark, both tables', spark, count),
    perRecord('Cassandra, both tables', cassandra, count),
  ];
}
