import { Command, InvalidArgumentError, Option } from 'commander';
import { type Definition, isCounted } from '../streaming/definition.ts';
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
  /** The first range that is free unless said. */
  readonly portBase?: number;
  readonly check: boolean;
  readonly prune: boolean;
  readonly detach: boolean;
  readonly down: boolean;
  readonly reset: boolean;
  /** In containers. */
  readonly docker: boolean;
  /** False: without Airflow. */
  readonly airflow: boolean;
  readonly yes: boolean;
  /** What --detach starts: runs on schedule without a live view. */
  readonly background: boolean;
}

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

/** All of them unless some are named. */
export function chosenPipelines({ pipeline }: Pick<RunOptions, 'pipeline'>): readonly Definition[] {
  return pipeline.length > 0 ? pipeline.map(pipelineNamed) : pipelines;
}

export function runCommand(): Command {
  return new Command('npm run local --')
    .description('The whole path on this machine: source -> landing -> topic -> stream -> table, on real servers.')
    .option(
      '--once',
      'do one run of every pipeline, wait until every record is accounted for, say the verdict; exit 0 or 1',
      false,
    )
    .option('--records <n>', 'records of a run (with --once; not of a pipeline whose source decides)', wholeNumber)
    .option(
      '--instant <iso>',
      'instant of the run, such as 2026-11-24T17:00:00Z (with --once; else the newest without a run)',
    )
    .option('--source <source>', 'live, sample, or an address that speaks the API of one --pipeline')
    .option('--pipeline <name>', 'only this pipeline; may be repeated', knownPipeline, [])
    .option('--json', 'one JSON line at the end (with --once)', false)
    .option('--detach', 'start in the background: shows the start, then gives the terminal back', false)
    .option('--down', 'stop what runs on the data folder', false)
    .option('--docker', 'the servers in containers, by Docker Compose; everything else is the same', false)
    .option('--no-airflow', 'without Airflow, which otherwise comes up beside the path (a run with --once needs none)')
    .option('--reset', 'empty the data folder first, after asking', false)
    .option('--yes', 'do not ask (with --reset)', false)
    .option('--data <dir>', 'data folder', '.millrace')
    .option(
      '--port-base <n>',
      `first of the ports, all on 127.0.0.1 (else ${defaultPortBase}, or the next hundred that is free)`,
      wholeNumber,
    )
    .option('--check', 'only say what is missing on this machine and what would be downloaded', false)
    .option('--prune', 'remove downloads that no checkout uses any more', false)
    .addOption(new Option('--background').default(false).hideHelp())
    .showHelpAfterError('(npm run local -- --help lists the options)');
}

/** Reads the arguments; commander prints what is wrong with them and ends the process. */
export function parseRunOptions(argv: readonly string[]): RunOptions {
  const command = runCommand();
  command.parse(argv, { from: 'user' });
  const options = command.opts<RunOptions>();
  const problem = misused(options);
  if (problem !== undefined) command.error(`error: ${problem}`);
  return options;
}

/** Why options do not go together; undefined when they do. */
export function misused(options: RunOptions): string | undefined {
  const onlyOnce = (['records', 'instant', 'json'] as const).find((name) => options[name] && !options.once);
  if (onlyOnce) return `--${onlyOnce} needs --once`;
  const chosen = chosenPipelines(options);
  const names = chosen.map(({ name }) => name).join(', ');
  if (options.records && !chosen.some(isCounted)) return `--records: the source of ${names} decides how many there are`;
  if (isAddress(options.source) && chosen.length > 1) {
    return `--source ${options.source} speaks the API of one pipeline: add --pipeline with one of ${names}`;
  }
  if (options.yes && !options.reset) return '--yes needs --reset';
  const alone = (['check', 'prune', 'down', 'detach'] as const).find((name) => options[name]);
  const beside = (['once', 'reset', 'check', 'prune', 'down', 'detach'] as const).find(
    (name) => options[name] && name !== alone && !(name === 'reset' && alone === 'detach'),
  );
  return alone && beside ? `--${alone} and --${beside} do not go together` : undefined;
}

const isAddress = (source: string | undefined) => source !== undefined && URL.canParse(source);

/**
 * `npm run local --once` hands --once to npm, which turns it into a setting of its own and drops it. Answers what to
 * type instead, or undefined when nothing was swallowed. --yes is left out: whoever sets it for npm itself means npm.
 */
export function swallowedByNpm(
  env: Readonly<Record<string, string | undefined>>,
  command: Pick<Command, 'name' | 'options' | 'commands'>,
): string | undefined {
  const known = [command, ...command.commands].flatMap(({ options }) => options);
  const taken = known.flatMap((option) => takenOf(option, env) ?? []).filter((text) => text !== '--yes');
  if (taken.length === 0) return undefined;
  const typed = [...new Set(taken)].join(' ');
  return `npm took ${typed} for itself. Put two hyphens before the options: ${command.name()} ${typed} ...`;
}

function takenOf(
  { long = '', short }: Pick<Option, 'long' | 'short'>,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  // npm reads --no-word as word=false, which it hands on as an empty text.
  if (long.startsWith('--no-')) return env[settingOf(`--${long.slice(5)}`)] === '' ? long : undefined;
  const value = env[settingOf(long)] ?? (short === '-f' ? env['npm_config_force'] : undefined);
  if (!value) return undefined;
  return value === 'true' ? long : `${long} ${value}`;
}

const settingOf = (option: string) => `npm_config_${option.slice(2).replaceAll('-', '_')}`;
