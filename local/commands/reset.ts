import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { endWith } from './end.ts';
import { resetFolder, resettable } from './reset-folder.ts';

interface ResetOptions {
  readonly yes: boolean;
  readonly data: string;
}

const command = new Command('npm run reset --')
  .description('Removes the data folder with all that the servers keep; refuses while a platform runs there.')
  .option('--yes', 'do not ask', false)
  // No default: npm takes options for itself when the two hyphens are forgotten, and another folder would go.
  .requiredOption('--data <dir>', 'the data folder to remove, such as .millrace')
  .action((options: ResetOptions) => endWith(() => reset(options)));

async function reset({ yes, data }: ResetOptions): Promise<number> {
  const root = resettable(path.resolve(data));
  if (root === undefined) {
    console.log(`Nothing to remove: ${path.resolve(data)} does not exist.`);
    return 0;
  }
  if (!yes && !(await confirmed(root))) {
    console.log('Nothing was removed.');
    return 1;
  }
  for (const removed of await resetFolder(root)) console.log(`Removed ${removed}`);
  return 0;
}

async function confirmed(root: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new Error(`Nobody can be asked here. To remove it: npm run reset -- --yes --data ${root}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Remove ${root} with everything in it? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

await command.parseAsync();
