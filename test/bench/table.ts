import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Manifest } from '../../streaming/manifest.ts';
import { cpuSoFar, signalSpark, since } from './cpu.ts';
import { type Bench, type Figure, perRecord, rate } from './figures.ts';
import { type BenchPath, carry, land, pipeline, totals, until } from './platform.ts';

const records = 200_000;
const warmUp = 100_000;

/** What the stream costs when it writes one table, as other Kafka sinks do: the job runs with a manifest cut down to one. */
export const table: Bench = {
  what: `Kafka -> one table, ${records} records, the job warm`,
  async run(bench) {
    const file = path.join(bench.up.folder.data('artifacts'), 'manifest.json');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, JSON.stringify(withOneTable(JSON.parse(whole) as Manifest)));
    // The next attempt of the job run reads the manifest anew.
    signalSpark('SIGKILL');
    try {
      await carry(bench, warmUp);
      return await streamed(bench);
    } finally {
      writeFileSync(file, whole);
      signalSpark('SIGKILL');
    }
  },
};

function withOneTable(manifest: Manifest): Manifest {
  return { ...manifest, pipelines: manifest.pipelines.map((one) => ({ ...one, tables: one.tables.slice(0, 1) })) };
}

/** The topic is filled while the job is held, so that it alone is at work afterwards. */
async function streamed(bench: BenchPath): Promise<Figure[]> {
  signalSpark('SIGSTOP');
  const { published } = await totals(bench);
  await land(bench, records);
  await bench.steps.wake('relay', { pipeline: pipeline.name });
  await until(bench, 'published', published + records);
  const { covered } = await totals(bench);
  const before = cpuSoFar();
  signalSpark('SIGCONT');
  const seconds = await until(bench, 'covered', published + records);
  const { spark, cassandra } = since(before);
  const count = published + records - covered;
  return [
    rate('Kafka -> one table, durable', count, seconds, { must: 6000, stretch: 10_000 }),
    perRecord('Kafka -> one table, Spark and Cassandra', spark + cassandra, count, { must: 122, stretch: 98 }),
    perRecord('  Spark', spark, count),
    perRecord('  Cassandra', cassandra, count),
  ];
}
