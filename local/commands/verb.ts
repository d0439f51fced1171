import type { Command } from 'commander';
import { awsEnvironment } from '../../endpoints.ts';
import { swallowedByNpm } from '../options.ts';
import { troubleHelp } from './troubles.ts';

/** Makes this process one that talks to AWS; the SDK reads its environment. */
export function talkToAws(options: { readonly rehearse: boolean }): void {
  Object.assign(process.env, awsEnvironment(process.env, options));
}

/** Reads the arguments and runs the verb, unless npm took some of them: then says what to type, exit code 2. */
export async function runVerb(command: Command): Promise<void> {
  const swallowed = swallowedByNpm(process.env, command);
  if (swallowed !== undefined) {
    console.error(swallowed);
    process.exit(2);
  }
  await command.addHelpText('after', troubleHelp(command.name().split(' ')[2] ?? '')).parseAsync();
}
