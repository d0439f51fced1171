import path from 'node:path';
import { Command } from 'commander';
import { confirmed } from './ask.ts';
import { endWith } from './end.ts';
import { resetFolder, resettable } from './reset-folder.ts';
import { runVerb } from './verb.ts';

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
    console.log(`Nothing to remove: ${path.resolve(data)} does not exist, or is empty.`);
    return 0;
  }
  const isMeant =
    yes || (await confirmed(`Remove ${root} with everything in it?`, `npm run reset -- --yes --data ${root}`));
  if (!isMeant) {
    console.log('Nothing was removed.');
    return 1;
  }
  for (const removed of await resetFolder(root)) console.log(`Removed ${removed}`);
  return 0;
}

await runVerb(command);
