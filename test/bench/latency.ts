import { setTimeout as sleep } from 'node:timers/promises';
import type { PageToLand } from '../../functions/ports.ts';
import { presenceIn } from '../../local/table-reader.ts';
import { type Bench, type Figure, quantileMs } from './figures.ts';
import { openLanding, pagesOf } from './landing.ts';
import { type BenchPath, carry, pipeline } from './platform.ts';

interface Load {
  readonly name: string;
  readonly everyMs: number;
  readonly rows: number;
  readonly seconds: number;
  readonly must: readonly [p50: number, p99: number];
  readonly stretch: readonly [p50: number, p99: number];
}

const busy: Load = {
  name: '200 records/s',
  everyMs: 100,
  rows: 20,
  seconds: 60,
  must: [600, 1500],
  stretch: [400, 900],
};
const quiet: Load = { name: '5 records/s', everyMs: 200, rows: 1, seconds: 60, must: [500, 900], stretch: [250, 450] };
const warmSeconds = 300;

/** As extract does it: a landing transaction, then the wake; here at a steady rate. One record of each is watched. */
export const latency: Bench = {
  what: 'landing commit -> row readable in every table, at 200 and at 5 records/s, the job warm for 5 minutes',
  async run(bench, say) {
    await carry(bench, 20_000);
    const left = warmSeconds - (performance.now() - bench.openedAt) / 1000;
    if (left > 0) {
      say(`warming for ${left.toFixed(0)} s`);
      await under(bench, { ...busy, seconds: Math.ceil(left) });
    }
    return [...figuresOf(busy, await under(bench, busy)), ...figuresOf(quiet, await under(bench, quiet))];
  },
};

function figuresOf(load: Load, latencies: readonly number[]): Figure[] {
  return [0.5, 0.99].map((q, at) => ({
    name: `landing -> tables at ${load.name}, p${q * 100}`,
    value: quantileMs(latencies, q),
    unit: 'ms',
    ...(at === 0 ? { must: load.must[0], stretch: load.stretch[0] } : { must: load.must[1], stretch: load.stretch[1] }),
  }));
}

/** Lands at the load's rhythm and waits until everything that it watches is visible. */
async function under(bench: BenchPath, { everyMs, rows, seconds }: Load): Promise<number[]> {
  const pages = await pagesOf(bench, (seconds * 1000) / everyMs, rows);
  const { landing, close } = await openLanding(bench, pages);
  const watch = watching(bench, pages.length);
  const started = performance.now();
  for (const [index, page] of pages.entries()) {
    await sleep(Math.max(0, started + index * everyMs - performance.now()));
    await landing.landPage(page);
    watch.add(page, performance.now());
    await bench.steps.wake('relay', { pipeline: pipeline.name });
  }
  const latencies = await watch.done;
  await close();
  return latencies;
}

const pollMs = 20;
/** A batch brings the records of many pages at once, in about the order in which they landed: only the oldest are asked for. */
const looks = 2;

/** Notes how long after its commit each page's first record can be read from every table. */
function watching({ tables }: BenchPath, count: number) {
  const checks = Object.keys(pipeline.tables).map((table) => presenceIn(tables, pipeline, table));
  const waiting: { row: PageToLand['rows'][number]; committed: number }[] = [];
  const isVisible = async ({ row }: (typeof waiting)[number]) => {
    for (const check of checks) if (!(await check({ version: row.version, key: row.payload }))) return false;
    return true;
  };
  const latencies: number[] = [];
  const look = async (one: (typeof waiting)[number]) => {
    if (!(await isVisible(one))) return false;
    latencies.push(performance.now() - one.committed);
    waiting.splice(waiting.indexOf(one), 1);
    return true;
  };
  const poll = async () => {
    while (latencies.length < count) {
      const seen = await Promise.all(waiting.slice(0, looks).map(look));
      // Behind one that has come, others may have come too.
      if (!seen.includes(true)) await sleep(pollMs);
    }
    return latencies;
  };
  return {
    add: ({ rows: [row] }: PageToLand, committed: number) => row && waiting.push({ row, committed }),
    done: poll(),
  };
}
