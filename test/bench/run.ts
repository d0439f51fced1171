import { Argument, Command } from 'commander';
import { broker } from './broker.ts';
import { deep } from './deep.ts';
import type { Bench, Figure } from './figures.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';
import { load } from './load.ts';
import { once } from './once.ts';
import { openBench } from './platform.ts';
import { reconcile } from './reconcile.ts';
import { record, verdictOf } from './record.ts';
import { stages } from './stages.ts';
import { start } from './start.ts';
import { synth } from './synth.ts';
import { table } from './table.ts';
import { whole } from './whole.ts';

const benches: Readonly<Record<string, Bench>> = { whole, latency, stages, once, idle, broker, table, deep };
const withoutPlatform = { start, load, synth, reconcile };
const all = { ...withoutPlatform, ...benches };

const command = new Command('npm run bench --')
  .description(
    `Measures the path on real servers, on a platform of its own, which those asked for together share.\n\n${Object.entries(
      all,
    )
      .map(([name, { what }]) => `  ${name.padEnd(8)} ${what}`)
      .join('\n')}`,
  )
  .addArgument(new Argument('<name...>', 'what to measure').choices(Object.keys(all)))
  .option('--json', 'the figures as one JSON line each', false)
  .option('--record', 'keep the figures in docs/performance.json and renew the table of docs/performance.md', false)
  .showHelpAfterError();
command.parse();

const { json, record: keeps } = command.opts<{ json: boolean; record: boolean }>();
const say = (line: string) => console.error(line);

const names = command.processedArgs[0] as string[];
for (const [name, { what, run }] of Object.entries(withoutPlatform)) {
  if (names.includes(name)) await tell(name, what, await run(say));
}
const onPlatform = names.filter((name) => name in benches);
if (onPlatform.length > 0) {
  const bench = await openBench(say);
  try {
    for (const name of onPlatform) {
      const { what, run } = benches[name] as Bench;
      say(`${name}: ${what}`);
      await tell(name, what, await run(bench, say));
    }
  } finally {
    await bench.close();
  }
}

async function tell(name: string, what: string, figures: readonly Figure[]): Promise<void> {
  for (const figure of figures) console.log(json ? JSON.stringify({ bench: name, ...figure }) : lineOf(figure));
  if (keeps) await record(name, what, figures);
}

function lineOf(figure: Figure): string {
  const goal =
    figure.must === undefined ? '' : `  ${verdictOf(figure)} (must ${figure.must}, stretch ${figure.stretch})`;
  return `  ${figure.name.padEnd(52)} ${String(figure.value).padStart(10)} ${figure.unit}${goal}`;
}
