import { Command } from 'commander';
import { endWith } from './end.ts';
import { statusLines } from './status-lines.ts';
import { statusReport } from './status-report.ts';
import { runVerb } from './verb.ts';

const command = new Command('npm run status --')
  .description(
    'How the platform is: one line per service and per noun; then what is wrong, each with the command that helps.\n' +
      'Exits 1 when something is wrong.',
  )
  .option('--json', 'one JSON document, for programs', false)
  .option('--data <dir>', 'data folder', '.millrace')
  .action((options: { json: boolean; data: string }) => endWith(() => status(options)));

async function status({ json, data }: { json: boolean; data: string }): Promise<number> {
  const report = await statusReport(data);
  if (json) console.log(JSON.stringify(report));
  else console.log(statusLines(report).join('\n'));
  return report.problems.length === 0 ? 0 : 1;
}

await runVerb(command);
