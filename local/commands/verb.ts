import type { Command } from 'commander';
import { swallowedByNpm } from '../options.ts';

/** Reads the arguments and runs the verb, unless npm took some of them: then says what to type, exit code 2. */
export async function runVerb(command: Command): Promise<void> {
  const swallowed = swallowedByNpm(process.env, command);
  if (swallowed !== undefined) {
    console.error(swallowed);
    process.exit(2);
  }
  await command.parseAsync();
}
