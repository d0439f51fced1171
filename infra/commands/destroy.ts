import { confirmed } from '../../local/commands/ask.ts';
import { destroy } from '../deploy/destroy.ts';
import { type AccountOptions, accountCommand, portsOf } from '../verb/account.ts';
import { endWith } from '../verb/end.ts';
import { chosenConfig } from '../verb/stage.ts';

const command = accountCommand('destroy', 'Says what goes and what stays, asks you, and takes a stage away.').action(
  (options: AccountOptions) =>
    endWith(async () => {
      const config = chosenConfig(options);
      const instead = `npm run destroy -- --stage ${config.stage} --yes`;
      const confirm = (question: string) => confirmed(question, instead);
      return destroy(config, portsOf(config, options, { env: process.env, confirm }));
    }),
);

await command.parseAsync();
