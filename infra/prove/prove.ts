import type { Account as RunAccount } from '../../functions/ports.ts';
import type { Config } from '../config.ts';
import { stacksOf } from '../deploy/account.ts';
import type { Cdk } from '../deploy/cdk.ts';
import { type DeployPorts, deployAll, isReady, type Outputs } from '../deploy/deploy.ts';
import { destroyStacks } from '../deploy/destroy.ts';
import type { Changed } from './change.ts';
import { type Patience, runOf, statusOf, timedRuns, until } from './run.ts';
import type { CallStep } from './steps.ts';
import type { Ticks } from './ticks.ts';

export interface ProvePorts extends DeployPorts {
  readonly call: CallStep;
  readonly patience: Patience;
  /** Pipelines of the definitions. */
  readonly pipelines: readonly string[];
  /** A checkout with a changed definition, and the CDK on it. */
  readonly change: () => Changed;
  readonly cdkIn: (folder: string) => Cdk;
  /** Why an account does not balance; empty when it does. */
  readonly imbalances: (account: RunAccount) => readonly string[];
  /** Status of a page, without following where it sends one. */
  readonly statusAt: (url: string) => Promise<number>;
}

/** The whole life of a stage: deployed, run, changed, run again, taken away. Each thing seen is ticked off. */
export async function prove(config: Config, ports: ProvePorts, ticks: Ticks): Promise<void> {
  await deployed(config, ports, ticks);
  const version = await firstRuns(ports, ticks);
  await changedRuns(config, ports, ticks, version);
  await destroyed(config, ports, ticks);
}

async function deployed(config: Config, ports: ProvePorts, ticks: Ticks): Promise<void> {
  if (!(await isReady(config, ports))) throw new Error('nothing was proved: the account is not ready');
  const outputs = await deployAll(config, ports.cdk, ports.say);
  ticks.prove('created', `${(await stacksOf(config, ports.account)).length} stacks`);
  await provePage(config, ports, ticks, outputs);
}

async function provePage(config: Config, ports: ProvePorts, ticks: Ticks, outputs: Outputs): Promise<void> {
  if (config.orchestration.kind === 'none') return ticks.leaveOut('airflow');
  const url = new Map(outputs).get('AirflowUrl') ?? '';
  const status = await ports.statusAt(url);
  if (status < 500) ticks.prove('airflow', `${url} answers ${status}`);
}

/** Answers the version of the Spark job that did them. */
async function firstRuns(ports: ProvePorts, ticks: Ticks): Promise<string> {
  const { call, say, patience } = ports;
  const { pipelines } = await statusOf(call);
  ticks.prove('prepared', `pipelines ${pipelines.map(({ pipeline }) => pipeline).join(', ')}`);
  const runs = await balancedRuns(ports);
  const [most] = [...runs].sort((a, b) => b.landed - a.landed);
  if (most !== undefined && most.covered > 0) {
    ticks.prove('landed', `${most.landed} of ${most.pipeline}`);
    ticks.prove('published', `${most.published} of ${most.pipeline}`);
    ticks.prove('absorbed', `${most.stored} of ${most.pipeline}`);
    ticks.prove('accounted', `${most.covered} of ${most.pipeline}`);
  }
  ticks.prove('balanced', runs.map(({ pipeline, run }) => `${pipeline} ${run}`).join(', '));
  say('Waiting for a run by the schedule.');
  ticks.prove('scheduled', await timedRuns(call, runs, patience));
  return (await statusOf(call)).generation?.version ?? '';
}

async function balancedRuns({ pipelines, call, patience, imbalances, say }: ProvePorts): Promise<RunAccount[]> {
  const runs: RunAccount[] = [];
  for (const pipeline of pipelines) {
    const account = await runOf(pipeline, call, patience);
    const problems = imbalances(account);
    if (problems.length > 0) throw new Error(`${pipeline} ${account.run}: does not balance: ${problems.join('; ')}`);
    say(`${pipeline} ${account.run}: balanced, ${account.stored} stored of ${account.received}`);
    runs.push(account);
  }
  return runs;
}

/** A field more and another tag, at once: both have to go past a Spark application whose job runs. */
async function changedRuns(config: Config, ports: ProvePorts, ticks: Ticks, before: string): Promise<void> {
  const { say, call, patience } = ports;
  const changed = ports.change();
  try {
    say(`Deploying again, with the field ${changed.field} and another tag.`);
    await deployAll(config, ports.cdkIn(changed.folder), say, ['--tags', 'millrace-proved=changed']);
  } finally {
    changed.remove();
  }
  ticks.prove('changed-tag', 'millrace-proved=changed');
  const runs = await balancedRuns(ports);
  const { version, generation } = await until('the job of the new version', patience, async () => {
    const newest = (await statusOf(call)).generation;
    return newest !== null && newest.version !== before ? newest : undefined;
  });
  ticks.prove('changed-schema', `generation ${generation}, ${version}; ${runs.map(({ run }) => run).join(', ')}`);
}

async function destroyed(config: Config, ports: ProvePorts, ticks: Ticks): Promise<void> {
  if (!(await destroyStacks(config, ports))) return;
  const left = await stacksOf(config, ports.account);
  if (left.length === 0) ticks.prove('destroyed', 'no stack is left');
  else ports.say(`Left: ${left.join(', ')}.`);
}
