import { type Command, Option } from 'commander';
import { awsEnvironment } from '../../endpoints.ts';
import type { Config } from '../config.ts';
import { awsAccount } from '../deploy/account.ts';
import { type Cdk, cdkOn } from '../deploy/cdk.ts';
import type { DeployPorts } from '../deploy/deploy.ts';
import { type StageOptions, stageCommand } from './stage.ts';

/** What every command is told that does something to an account. */
export interface AccountOptions extends StageOptions {
  readonly yes: boolean;
  readonly rehearse: boolean;
  readonly cdk?: string;
}

export function accountCommand(name: string, description: string): Command {
  return stageCommand(name, description)
    .option('--yes', 'do not ask', false)
    .option('--rehearse', 'against what AWS_ENDPOINT_URL_* names, which are refused otherwise', false)
    .addOption(new Option('--cdk <program>', 'what runs in place of cdk, in a rehearsal').hideHelp());
}

export interface Shell {
  readonly env: NodeJS.ProcessEnv;
  readonly confirm: DeployPorts['confirm'];
  /** Then nothing but the answer goes to standard output. */
  readonly isForPrograms?: boolean;
}

/** The account and the CDK, as this shell reaches them. */
export function portsOf(
  config: Config,
  options: AccountOptions,
  { env, confirm, isForPrograms = false }: Shell,
): DeployPorts & { readonly cdkIn: (folder: string) => Cdk } {
  const { stage, context, rehearse, cdk: program, yes } = options;
  if (program !== undefined && !rehearse) throw new Error('--cdk: expected with --rehearse only');
  const checked = awsEnvironment(env, { rehearse });
  // The SDK reads them of the process.
  Object.assign(env, checked);
  const output = isForPrograms ? 'stderr' : 'stdout';
  const cdkIn = (cwd?: string) => cdkOn({ stage, context, env: checked, cwd, program, output });
  return {
    account: awsAccount(config.region),
    cdk: cdkIn(),
    cdkIn,
    confirm: async (question) => yes || confirm(question),
    say: isForPrograms ? console.error : console.log,
    isRehearsal: rehearse,
  };
}
