import { type CpuSeconds, cpuSoFar, since } from './cpu.ts';
import { type Bench, type Figure, perRecord, rate } from './figures.ts';
import { type BenchPath, carry, openBench } from './platform.ts';

const records = 200_000;
const warmUp = 100_000;
/** The demo that this project makes real: records a second, on the same kind of machine. */
const demoRate = 201;

/** Everything at once, warm: source, landing, topic, stream, two tables, durable. */
export const whole: Bench = {
  what: `the whole path at once, warm: ${records} new records to both tables`,
  async run(say) {
    const bench = await openBench(say);
    try {
      await carry(bench, warmUp);
      const { seconds, cpu } = await measured(bench, records);
      const goal = { must: 15 * demoRate, stretch: 30 * demoRate };
      return [rate('whole path, two tables, durable', records, seconds, goal), ...costs(cpu, records)];
    } finally {
      await bench.close();
    }
  },
};

/** The same path with ten and a hundred times the records: the time must grow as they do. */
export const growth: Bench = {
  what: 'the whole path with 10,000, 100,000 and 1,000,000 records',
  async run(say) {
    const bench = await openBench(say);
    try {
      await carry(bench, warmUp);
      const figures: Figure[] = [];
      const points: [number, number][] = [];
      for (const count of [10_000, 100_000, 1_000_000]) {
        const { seconds } = await measured(bench, count);
        say(`${count} records: ${seconds.toFixed(1)} s`);
        points.push([Math.log(count), Math.log(seconds)]);
        figures.push({ name: `whole path, ${count} records`, value: Number(seconds.toFixed(1)), unit: 's' });
      }
      const value = Number(slope(points).toFixed(2));
      return [...figures, { name: 'growth, log-log slope', value, unit: '', must: 1.1, stretch: 1.05 }];
    } finally {
      await bench.close();
    }
  },
};

async function measured(bench: BenchPath, count: number): Promise<{ seconds: number; cpu: CpuSeconds }> {
  const before = cpuSoFar();
  const seconds = await carry(bench, count);
  return { seconds, cpu: since(before) };
}

function costs({ source: _, bench: __, ...cpu }: CpuSeconds, count: number): Figure[] {
  const total = Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0);
  return [
    perRecord('whole path, all parts', total, count),
    ...Object.entries(cpu).map(([part, seconds]) => perRecord(`  ${part}`, seconds, count)),
  ];
}

/** Least squares. */
function slope(points: readonly [number, number][]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const up = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return up / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
