import { type Command, Option } from 'commander';
import type { Config } from '../config.ts';
import { awsAccount } from '../deploy/account.ts';
import { cdkOn } from '../deploy/cdk.ts';
import type { DeployPorts } from '../deploy/deploy.ts';
import { awsEnvironment } from '../deploy/endpoints.ts';
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

/** The account and the CDK, as this shell reaches them. */
export function portsOf(
  config: Config,
  options: AccountOptions,
  { env, confirm }: { readonly env: NodeJS.ProcessEnv; readonly confirm: DeployPorts['confirm'] },
): DeployPorts {
  const { stage, context, rehearse, cdk: program, yes } = options;
  if (program !== undefined && !rehearse) throw new Error('--cdk: expected with --rehearse only');
  const checked = awsEnvironment(env, { rehearse });
  // The SDK reads them of the process.
  Object.assign(env, checked);
  return {
    account: awsAccount(config.region),
    cdk: cdkOn({ stage, context, env: checked, program }),
    confirm: async (question) => yes || confirm(question),
    say: (line) => console.log(line),
    isRehearsal: rehearse,
  };
}
