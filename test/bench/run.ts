import { Argument, Command } from 'commander';
import { broker } from './broker.ts';
import type { Bench, Figure } from './figures.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';
import { once } from './once.ts';
import { record, verdictOf } from './record.ts';
import { stages } from './stages.ts';
import { start } from './start.ts';
import { growth, whole } from './whole.ts';

const benches: Readonly<Record<string, Bench>> = { start, once, stages, whole, latency, broker, growth, idle };

const command = new Command('npm run bench --')
  .description(
    `Measures the path on real servers, on a platform of its own.\n\n${Object.entries(benches)
      .map(([name, { what }]) => `  ${name.padEnd(8)} ${what}`)
      .join('\n')}`,
  )
  .addArgument(new Argument('<name...>', 'what to measure').choices(Object.keys(benches)))
  .option('--json', 'the figures as one JSON line each', false)
  .option('--record', 'keep the figures in docs/performance.json and renew the table of docs/performance.md', false)
  .showHelpAfterError();
command.parse();

const { json, record: keeps } = command.opts<{ json: boolean; record: boolean }>();
const say = (line: string) => console.error(line);

for (const name of command.processedArgs[0] as string[]) {
  const bench = benches[name] as Bench;
  say(`${name}: ${bench.what}`);
  const figures = await bench.run(say);
  for (const figure of figures) console.log(json ? JSON.stringify({ bench: name, ...figure }) : lineOf(figure));
  if (keeps) await record(name, bench.what, figures);
}

function lineOf(figure: Figure): string {
  const goal =
    figure.must === undefined ? '' : `  ${verdictOf(figure)} (must ${figure.must}, stretch ${figure.stretch})`;
  return `  ${figure.name.padEnd(52)} ${String(figure.value).padStart(10)} ${figure.unit}${goal}`;
}
