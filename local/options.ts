import { Command, InvalidArgumentError } from 'commander';
import { pipelineNamed, pipelines } from '../streaming/pipelines/index.ts';
import { defaultPortBase } from './ports.ts';

export interface RunOptions {
  readonly once: boolean;
  readonly records?: number;
  readonly instant?: string;
  readonly source?: string;
  readonly pipeline: readonly string[];
  readonly json: boolean;
  readonly data: string;
  readonly portBase: number;
  readonly check: boolean;
}

const flags = ['once', 'records', 'instant', 'source', 'pipeline', 'json', 'data', 'port-base', 'check'];

/** An option's value that counts something. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`expected a whole number of at least 1, got ${text}`);
}

function knownPipeline(name: string, before: readonly string[]): readonly string[] {
  if (!pipelines.some((pipeline) => pipeline.name === name)) {
    throw new InvalidArgumentError(
      `expected one of ${pipelines.map((pipeline) => pipeline.name).join(', ')}, got ${name}`,
    );
  }
  return [...before, pipelineNamed(name).name];
}

export function runCommand(): Command {
  return new Command('npm run local --')
    .description('The whole path on this machine: source -> landing -> topic -> stream -> table, on real servers.')
    .option('--once', 'do one run, wait until every record is accounted for, say the verdict; exit 0 or 1', false)
    .option('--records <n>', 'records of a run (with --once)', wholeNumber)
    .option(
      '--instant <iso>',
      'instant of the run, such as 2026-11-24T17:00:00Z (with --once; else the newest without a run)',
    )
    .option('--source <source>', 'live, sample, or an address that speaks the API')
    .option('--pipeline <name>', 'only this pipeline; may be repeated', knownPipeline, [])
    .option('--json', 'one JSON line at the end (with --once)', false)
    .option('--data <dir>', 'data folder', '.millrace')
    .option('--port-base <n>', 'first of the ports, all on 127.0.0.1', wholeNumber, defaultPortBase)
    .option('--check', 'only say what is missing on this machine and what would be downloaded', false)
    .showHelpAfterError('(npm run local -- --help lists the options)');
}

/** Reads the arguments; commander prints what is wrong with them and ends the process. */
export function parseRunOptions(argv: readonly string[]): RunOptions {
  const command = runCommand();
  command.parse(argv, { from: 'user' });
  const options = command.opts<RunOptions>();
  const onlyOnce = (['records', 'instant', 'json'] as const).find((name) => options[name] && !options.once);
  if (onlyOnce) command.error(`error: --${onlyOnce} needs --once`);
  return options;
}

/**
 * `npm run local --once` hands --once to npm, which turns it into a setting of its own and drops it. Answers what to
 * type instead, or undefined when nothing was swallowed.
 */
export function swallowedByNpm(env: Readonly<Record<string, string | undefined>>, script: string): string | undefined {
  const taken = flags.filter((flag) => env[`npm_config_${flag.replaceAll('-', '_')}`]);
  if (taken.length === 0) return undefined;
  const typed = taken.map((flag) => `--${flag}`).join(' ');
  return `npm took ${typed} for itself. Put two hyphens before the options: npm run ${script} -- ${typed} ...`;
}
