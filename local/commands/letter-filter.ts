import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { nouns } from '../../streaming/nouns.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';

/** Which dead letters a command is about, as its options say it and a step takes it. */
export interface LetterOptions {
  readonly at?: string;
  readonly reason?: string;
  readonly run?: string;
  readonly since?: string;
  readonly until?: string;
}

/** The name of a pipeline; commander lists the known ones when it is none of them. */
export const pipelineArgument = (what = 'whose dead letters') =>
  new Argument('<pipeline>', what).choices(pipelines.map(({ name }) => name));

export function addLetterOptions(command: Command): Command {
  return command
    .addOption(new Option('--at <noun>', 'where they died').choices(nouns))
    .option('--reason <reason>', 'of what, such as missing or quality:email_has_at')
    .option('--run <run>', 'of this run, such as 2026-11-24T17:00:00Z')
    .option('--since <time>', 'died at this time or later, such as 2026-11-24T17:00:00Z or 2026-11-24', moment)
    .option('--until <time>', 'died before this time', moment);
}

export const filterOf = ({ at, reason, run, since, until }: LetterOptions) => ({ at, reason, run, since, until });

/** A day is its midnight in UTC; a time needs a zone, because nobody would guess the same one. */
export function moment(text: string): string {
  const isMoment = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = isMoment ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new InvalidArgumentError(`expected a day or a time with its zone, such as 2026-11-24T17:00:00Z, got ${text}`);
}
