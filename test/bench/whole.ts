import { type CpuSeconds, cpuSoFar, since } from './cpu.ts';
import { type Bench, type Figure, perRecord, rate } from './figures.ts';
import { type BenchPath, carry } from './platform.ts';

const counts = [10_000, 100_000, 1_000_000] as const;
const warmUp = 100_000;
/** The demo that this project makes real: records a second, on the same kind of machine. */
const demoRate = 201;

/** Everything at once, warm: source, landing, topic, stream, two tables, durable. The time must grow as the records do. */
export const whole: Bench = {
  what: 'the whole path at once, warm: 10,000, 100,000 and 1,000,000 new records to both tables',
  async run(bench, say) {
    await carry(bench, warmUp);
    const figures: Figure[] = [];
    const points: [number, number][] = [];
    for (const count of counts) {
      const { seconds, cpu } = await measured(bench, count);
      say(`${count} records: ${seconds.toFixed(1)} s`);
      points.push([Math.log(count), Math.log(seconds)]);
      const goal = count === counts[2] ? { must: 15 * demoRate, stretch: 30 * demoRate } : {};
      figures.push(rate(`whole path, two tables, durable, ${count} records`, count, seconds, goal));
      if (count === counts[2]) figures.push(...costs(cpu, count));
    }
    const value = Number(slope(points).toFixed(2));
    return [...figures, { name: 'growth, log-log slope', value, unit: '', must: 1.1, stretch: 1.05 }];
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
