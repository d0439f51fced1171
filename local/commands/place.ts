import { type Command, Option } from 'commander';
import { stages, usualRegion } from '../../stages.ts';

/** Where the steps are that a command calls: the platform of a data folder, or a stage on AWS. */
export interface Place {
  readonly data: string;
  readonly stage?: string;
  readonly region: string;
  readonly rehearse: boolean;
}

/** The options that say so, the same for every command that only calls steps. */
export function addPlace(command: Command): Command {
  return command
    .addOption(new Option('--data <dir>', 'data folder').default('.millrace').conflicts('stage'))
    .addOption(new Option('--stage <stage>', 'a stage on AWS instead, as this shell is known there').choices(stages))
    .option('--region <region>', 'where the stage is', usualRegion)
    .addOption(new Option('--rehearse', 'against what AWS_ENDPOINT_URL_* names').default(false).hideHelp());
}
