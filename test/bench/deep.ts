import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareAll } from '../../local/reconcile/deep.ts';
import { processesIn } from '../e2e/processes.ts';
import type { Bench } from './figures.ts';
import { carry, pipeline } from './platform.ts';

const records = 200_000;
const monthAndADayMs = 31 * 24 * 3_600_000;

/** What it takes to look for every landed record in both tables. */
export const deep: Bench = {
  what: `reconcile --deep, ${records} records in both tables`,
  async run(bench) {
    await carry(bench, records);
    const from = new Date(Date.now() - monthAndADayMs).toISOString();
    const asked = { pipeline: pipeline.name, from, until: new Date().toISOString() };
    const started = performance.now();
    const { compared, astray } = await compareAll(bench.steps, asked, () => undefined);
    const seconds = (performance.now() - started) / 1000;
    if (compared !== records || astray.length > 0)
      throw new Error(`expected ${records} in both tables, got ${compared} and ${astray.length} astray`);
    return [
      { name: `--deep, ${records} records`, value: Number(seconds.toFixed(1)), unit: 's', must: 30, stretch: 15 },
      { name: 'memory of the step at its most', value: mostMib(bench.data), unit: 'MiB', must: 300, stretch: 200 },
    ];
  },
};

function mostMib(data: string): number {
  const peaks = processesIn(join(data, 'bundles', 'functions', 'reconcile')).map((pid) =>
    Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
  );
  return Math.round(Math.max(...peaks) / 1024);
}
