import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundle, settings } from '../../bundle.ts';
import type { Figure, Say } from './figures.ts';

const rounds = 25;

/** CPU that a new process burns to load a file, in milliseconds. */
function loadMs(file: string): number {
  const script = `require(${JSON.stringify(file)}); const { user, system } = process.cpuUsage(); console.log((user + system) / 1000);`;
  return Number(execFileSync(process.execPath, ['-e', script], { env: {}, encoding: 'utf8' }));
}

/** Loading the bundle of the relay, against no more than the libraries that it cannot do without. */
export const load = {
  what: `CPU of loading a bundle, ${rounds} new processes each, in turn`,
  async run(say: Say): Promise<readonly Figure[]> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-load-'));
    try {
      const bundles = await bundle({ outDir: join(folder, 'dist') });
      const relay = bundles.find(({ name }) => name === 'relay')?.file ?? '';
      const files = { nothing: await nothing(folder), bare: await bare(folder), relay };
      const times = measured(files, say);
      const [none, least, ours] = [median(times.nothing), median(times.bare), median(times.relay)];
      return [
        figure('Node alone', none, 'ms'),
        figure('kafkajs, pg and avsc', least - none, 'ms'),
        figure('the relay', ours - none, 'ms'),
        {
          ...figure('the relay, against kafkajs, pg and avsc', (ours - none) / (least - none), 'x'),
          must: 1.2,
          stretch: 1.1,
        },
      ];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function bare(folder: string): Promise<string> {
  const file = join(folder, 'bare.cjs');
  const contents =
    "export { default as kafkajs } from 'kafkajs'; export { default as pg } from 'pg'; export { default as avsc } from 'avsc';";
  await build({ ...settings, outfile: file, outExtension: {}, stdin: { contents, resolveDir: import.meta.dirname } });
  return file;
}

async function nothing(folder: string): Promise<string> {
  const file = join(folder, 'nothing.cjs');
  await writeFile(file, '');
  return file;
}

function measured<N extends string>(files: Readonly<Record<N, string>>, say: Say): Readonly<Record<N, number[]>> {
  const names = Object.keys(files) as N[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<N, number[]>;
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of names) times[name].push(loadMs(files[name]));
    if (round % 5 === 0) say(`  ${round} of ${rounds}`);
  }
  return times;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const figure = (name: string, value: number, unit: string): Figure => ({
  name,
  value: Number(value.toFixed(unit === 'x' ? 2 : 1)),
  unit,
});
