import { Command, InvalidArgumentError, Option } from 'commander';
import { type StageName, stages } from '../../stages.ts';
import { type Config, configOf } from '../config.ts';

/** What every command for AWS is told: the stage, and what is different about it this time. */
export interface StageOptions {
  readonly stage: string;
  readonly context: Readonly<Record<string, string>>;
}

/**
 * A command that says which stage it means: a default would deploy, or take away, another one than somebody meant.
 * One that touches no account may have a usual one.
 */
export function stageCommand(name: string, description: string, usual?: StageName): Command {
  const stage = new Option('--stage <stage>', 'the stage; how they differ: docs/deploy.md').choices(stages);
  return new Command(`npm run ${name} --`)
    .description(description)
    .addOption(usual === undefined ? stage.makeOptionMandatory() : stage.default(usual))
    .option(
      '-c, --context <key=value>',
      'a setting of the stage, such as topic.brokers=4; may be repeated',
      keyValue,
      {},
    )
    .showHelpAfterError(
      `(npm run ${name} -- --help lists the options; mind the two hyphens, npm takes the rest itself)`,
    );
}

function keyValue(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`expected key=value, got ${text}`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

export const chosenConfig = ({ stage, context }: StageOptions): Config => configOf(stage, context);
