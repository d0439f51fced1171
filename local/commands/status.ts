import { Command } from 'commander';
import type { Status } from '../../functions/inspect/inspect.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { requireConnected } from './connect.ts';
import { endWith } from './end.ts';
import { statusLines, unwell } from './status-lines.ts';

const command = new Command('npm run status --')
  .description('How the path is: one line per noun. Exits 1 when something is wrong.')
  .option('--json', 'for programs', false)
  .option('--data <dir>', 'data folder', '.millrace')
  .action((options: { json: boolean; data: string }) => endWith(() => status(options)));

async function status({ json, data }: { json: boolean; data: string }): Promise<number> {
  const { steps } = requireConnected(data);
  const found = await steps.call<Status>('inspect', { question: 'status' });
  const problems = unwell(found);
  if (json) console.log(JSON.stringify({ ...found, unwell: problems }));
  else for (const line of [...statusLines(found, pipelines, new Date()), ...problems]) console.log(line);
  return problems.length === 0 ? 0 : 1;
}

await command.parseAsync();
