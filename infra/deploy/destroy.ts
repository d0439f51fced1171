import type { Config } from '../config.ts';
import { stackId } from '../names.ts';
import { stacksOf } from './account.ts';
import type { DeployPorts } from './deploy.ts';
import { goingParts, leftoversOf } from './leftovers.ts';
import { withoutCredentials } from './preflight.ts';

/** Says what goes and what stays, asks, and takes the stage away. */
export async function destroy(config: Config, ports: DeployPorts): Promise<number> {
  return (await destroyStacks(config, ports)) ? 0 : 1;
}

/** False when somebody said no. */
export async function destroyStacks(config: Config, { account, cdk, confirm, say }: DeployPorts): Promise<boolean> {
  const { account: id } = await account.identity().catch(withoutCredentials);
  const where = `account ${id}, ${config.region}`;
  const going = goingStacks(config, await stacksOf(config, account));
  if (going.length === 0) {
    say(`Nothing to destroy: no stack of stage ${config.stage} in ${where}.`);
    return true;
  }
  say(`Of ${where} go: ${going.join(', ')}.`);
  say(config.data === 'retain' ? 'No record goes.' : `All records go: ${config.data.because}.`);
  say('What stays:');
  for (const left of leftoversOf(config)) say(`- ${left}`);
  if (!(await confirm(`Destroy stage ${config.stage}?`))) {
    say('Nothing was destroyed.');
    return false;
  }
  await cdk('destroy', ...going, '--force', '--exclusively', '--concurrency', '4');
  say(`Stage ${config.stage} is gone, but for what stays (above).`);
  return true;
}

function goingStacks(config: Config, there: readonly string[]): readonly string[] {
  const ids = goingParts(config)?.map((part) => stackId(config, part));
  return there.filter((name) => ids === undefined || ids.includes(name)).sort();
}
