import { runOnce } from '../../local/once/once.ts';
import type { Bench, Figure } from './figures.ts';
import { type BenchPath, nextInstant, pipeline } from './platform.ts';

const records = 20_000;
const runs = 5;

/** What `npm run local -- --once --records 20000` takes, the verdict included, cold and warm. */
export const once: Bench = {
  what: `--once with ${records} records, ${runs} times on one platform`,
  async run(bench, say) {
    const seconds: number[] = [];
    for (let run = 0; run < runs; run += 1) seconds.push(await oneRun(bench, say));
    return [
      figure('first run after the start', seconds[0]),
      figure('warm run', Math.min(...seconds.slice(1)), { must: 10, stretch: 6 }),
    ];
  },
};

async function oneRun(bench: BenchPath, say: (line: string) => void): Promise<number> {
  const { verdict, problems } = await runOnce(bench.steps, bench.tables, {
    pipeline,
    instant: nextInstant(),
    records,
    source: undefined,
    startSeconds: 0,
    stallSeconds: 120,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  if (problems.length > 0) throw new Error(problems.join('; '));
  say(`${verdict.verdict} after ${verdict.seconds.path} s, latency ${JSON.stringify(verdict.latencyMs)}`);
  return verdict.seconds.path;
}

const figure = (name: string, value: number | undefined, goal: Partial<Figure> = {}): Figure => ({
  name: `--once, ${records} records, ${name}`,
  value: value ?? Number.NaN,
  unit: 's',
  ...goal,
});
