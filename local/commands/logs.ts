import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { wholeNumber } from '../options.ts';
import { endWith } from './end.ts';
import { GrowingLog, withoutMetrics } from './growing-log.ts';
import { untilInterrupted } from './interrupt.ts';
import { logFileOf, servicesWithLogs } from './log-files.ts';
import { runVerb } from './verb.ts';

interface LogsOptions {
  readonly follow: boolean;
  readonly lines: number;
  readonly data: string;
}

const lookEveryMs = 250;

const command = new Command('npm run logs --')
  .description('The log of a service, of the last start too when nothing runs; without a service, their names.')
  .argument('[service]', 'such as kafka, millrace-relay, or spark for the newest job')
  .option('-f, --follow', 'go on with what is written, until Ctrl-C', false)
  .option('--lines <n>', 'how many of the last lines', wholeNumber, 50)
  .option('--data <dir>', 'data folder', '.millrace')
  .action((service: string | undefined, options: LogsOptions) => endWith(() => logs(service, options)));

async function logs(service: string | undefined, { follow, lines, data }: LogsOptions): Promise<number> {
  const root = path.resolve(data);
  if (service === undefined) {
    const known = servicesWithLogs(root);
    console.log(known.length === 0 ? `Nothing was started on the data folder ${root} yet.` : known.join('\n'));
    return 0;
  }
  const interrupted = untilInterrupted();
  const log = new GrowingLog(logFileOf(root, service), lines);
  const shown = withoutMetrics((bytes) => process.stdout.write(bytes));
  const show = () => log.read(shown.write);
  show();
  while (follow && !interrupted.aborted) {
    await sleep(lookEveryMs, undefined, { signal: interrupted }).catch(() => undefined);
    show();
  }
  shown.end();
  log.close();
  return 0;
}

await runVerb(command);
