import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pipelines } from '../../streaming/pipelines/index.ts';
import type { Config } from '../config.ts';
import { billOf } from '../cost/bill.ts';
import { volumesOf } from '../cost/volume.ts';
import { stackId } from '../names.ts';
import { type Account, stacksOf } from './account.ts';
import type { Cdk } from './cdk.ts';
import { findingText, preflight } from './preflight.ts';

export interface DeployPorts {
  readonly account: Account;
  readonly cdk: Cdk;
  /** Whether a person says yes. */
  readonly confirm: (question: string) => Promise<boolean>;
  readonly say: (line: string) => void;
  readonly isRehearsal: boolean;
}

/** Asks the account, shows what changes in who may do what, asks the person, deploys every stack, says where to look. */
export async function deploy(config: Config, ports: DeployPorts): Promise<number> {
  const { say, cdk, confirm, account } = ports;
  if (!(await isReady(config, ports))) return 1;
  sayWhatItIs(config, say);
  await cdk('diff', '--security-only', '--method', 'template');
  if (!(await confirm(`Deploy stage ${config.stage} with these rights?`))) {
    say('Nothing was deployed.');
    return 1;
  }
  await deployAll(config, cdk, say, await takingUp(config, account));
  return 0;
}

/** Prints the preflight; false when something of it must be put right first. */
export async function isReady(config: Config, { account, say, isRehearsal }: Omit<DeployPorts, 'cdk' | 'confirm'>) {
  const findings = await preflight(config, account, isRehearsal);
  for (const finding of findings) say(findingText(finding));
  const wrong = findings.filter(({ state }) => state === 'no').length;
  if (wrong > 0) say(`Not deployed: ${wrong === 1 ? 'one thing is' : `${wrong} things are`} to be put right first.`);
  return wrong === 0;
}

function sayWhatItIs(config: Config, say: DeployPorts['say']): void {
  const { stage, shows, sources } = config;
  const { usd } = billOf(config, volumesOf(config, pipelines), 1);
  say(`${stage}: ${shows}; about ${Math.round(usd)} USD a month (npm run cost -- --stage ${stage})`);
  for (const [pipeline, source] of Object.entries(sources)) say(`  source of ${pipeline}: ${source}`);
}

/** Of a stage whose stores stayed when it was destroyed, a bucket stayed too: it bears its name still. */
async function takingUp(config: Config, account: Account): Promise<readonly string[]> {
  const there = await stacksOf(config, account);
  return there.length > 0 && !there.includes(stackId(config, 'stream')) ? ['--import-existing-resources'] : [];
}

export type Outputs = readonly (readonly [name: string, value: string])[];

/** Several stacks at once, because one after the other takes twice as long; that is why cdk itself cannot ask. */
export async function deployAll(
  { stage }: Config,
  cdk: Cdk,
  say: DeployPorts['say'],
  more: readonly string[] = [],
): Promise<Outputs> {
  const file = path.resolve('dist', `outputs-${stage}.json`);
  const how = ['--concurrency', '4', '--require-approval', 'never', '--outputs-file', file];
  await cdk('deploy', '--all', ...how, ...more);
  const outputs = outputsIn(file);
  for (const [name, value] of outputs) say(`${name}: ${value}`);
  return outputs;
}

function outputsIn(file: string): Outputs {
  const stacks = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
  // What other stacks import has names that the CDK makes.
  return Object.values(stacks).flatMap((outputs) =>
    Object.entries(outputs).filter(([name]) => !name.startsWith('ExportsOutput')),
  );
}
