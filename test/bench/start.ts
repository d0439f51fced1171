import type { Figure, Say } from './figures.ts';
import { type BenchPath, carry, newDataFolder, openBench } from './platform.ts';

/** Installed; from `npm run local` to the first row in Cassandra: with an empty data folder, then with data in it. */
export const start = {
  what: 'start of the platform until the first rows are in the tables',
  async run(say: Say): Promise<readonly Figure[]> {
    const data = newDataFolder();
    const empty = await toFirstRow(data, say);
    await empty.bench.stop();
    const full = await toFirstRow(data, say);
    await full.bench.close();
    return [
      figure('empty data -> first rows in the tables', empty.seconds, { must: 35, stretch: 25 }),
      figure('  of this until ready', empty.ready),
      figure('with data -> first new rows in the tables', full.seconds, { must: 25, stretch: 15 }),
      figure('  of this until ready', full.ready),
    ];
  },
};

async function toFirstRow(
  data: string,
  say: (line: string) => void,
): Promise<{ bench: BenchPath; seconds: number; ready: number }> {
  const bench = await openBench(say, data);
  const first = await carry(bench, 100);
  return { bench, ready: bench.up.trace.seconds, seconds: bench.up.trace.seconds + first };
}

const figure = (name: string, seconds: number, goal: Partial<Figure> = {}): Figure => ({
  name,
  value: Number(seconds.toFixed(1)),
  unit: 's',
  ...goal,
});
