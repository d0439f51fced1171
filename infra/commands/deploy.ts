import { confirmed } from '../../local/commands/ask.ts';
import { deploy } from '../deploy/deploy.ts';
import { type AccountOptions, accountCommand, portsOf } from '../verb/account.ts';
import { endWith } from '../verb/end.ts';
import { chosenConfig } from '../verb/stage.ts';

const command = accountCommand(
  'deploy',
  'Asks the account, shows what changes in who may do what, asks you, deploys every stack of a stage.',
).action((options: AccountOptions) =>
  endWith(async () => {
    const config = chosenConfig(options);
    const instead = `npm run deploy -- --stage ${config.stage} --yes`;
    const confirm = (question: string) => confirmed(question, instead);
    return deploy(config, portsOf(config, options, { env: process.env, confirm }));
  }),
);

await command.parseAsync();
