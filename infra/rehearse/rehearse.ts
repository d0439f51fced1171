import path from 'node:path';
import type { Config } from '../config.ts';
import type { Cdk } from '../deploy/cdk.ts';
import { templatesIn, writeAssembly } from './assembly.ts';
import type { LocalStack } from './localstack.ts';
import { resourcesOf, wrongIds } from './made.ts';
import { type Services, servicesAt } from './services.ts';
import { type Rehearsed, rehearsedOf, type Templates } from './template.ts';

/** LocalStack's own; the key is ours alone, because the CDK remembers whose account a key is of. */
const account = '000000000000';
const credentials = { accessKeyId: 'millrace-rehearsal', secretAccessKey: 'none' };
const bootstrapStack = 'CDKToolkit';

export interface RehearsePorts {
  /** An empty folder for all that is written. */
  readonly folder: string;
  /** Settings of the stage, as the CDK is told them. */
  readonly settings: readonly string[];
  /** The CDK's command, with these variables of AWS and no others. */
  readonly cdk: (aws: NodeJS.ProcessEnv) => Cdk;
  readonly start: () => Promise<LocalStack>;
  /** Does a step, and tells of it. */
  readonly step: <T>(name: string, work: () => Promise<T>) => Promise<T>;
}

/** Deploys of a stage what LocalStack can make, and takes it away again; throws at the first thing that is wrong. */
export async function rehearse({ region }: Pick<Config, 'region'>, ports: RehearsePorts): Promise<Rehearsed> {
  const { folder, settings, step } = ports;
  const synthesized = path.join(folder, 'synthesized');
  await step('synth', () => ports.cdk({})('synth', '--quiet', '--output', synthesized, ...settings));
  const rehearsed = rehearsedOf(templatesIn(synthesized));
  const app = writeAssembly(folder, rehearsed.templates, { account, region });
  const { endpoint, stop } = await step('LocalStack', ports.start);
  try {
    const cdk = ports.cdk(variables(endpoint, region));
    await cycle(rehearsed.templates, {
      cdk: (verb, ...args) => cdk(verb, ...args, '--app', app),
      services: servicesAt({ endpoint, region, credentials }),
      environment: `aws://${account}/${region}`,
      step,
    });
  } finally {
    await stop();
  }
  return rehearsed;
}

const variables = (endpoint: string, region: string) => ({
  AWS_ENDPOINT_URL: endpoint,
  // Without a variable of its own, the CDK's S3 would ask for the bucket as a host.
  AWS_ENDPOINT_URL_S3: endpoint,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_REGION: region,
});

interface Stage {
  readonly cdk: Cdk;
  readonly services: Services;
  readonly environment: string;
  readonly step: RehearsePorts['step'];
}

async function cycle(templates: Templates, { cdk, services, environment, step }: Stage): Promise<void> {
  await step('bootstrap', () => cdk('bootstrap', environment));
  await step('deploy', () => cdk('deploy', '--all', '--concurrency', '4', '--require-approval', 'never'));
  await step('diff', () => cdk('diff', '--all', '--fail'));
  const there = await step('ask', () => knownThings(templates, services));
  await step('destroy', () => cdk('destroy', '--all', '--force'));
  await step('look', () => nothingLeft(there, services));
}

interface Thing {
  readonly name: string;
  readonly type: string;
  readonly physicalId: string;
}

/** Everything has a physical id that is one, and its service knows it. */
export async function knownThings(templates: Templates, services: Services): Promise<readonly Thing[]> {
  const made = (await Promise.all(Object.keys(templates).map((stack) => services.made(stack)))).flat();
  const wrong = wrongIds(templates, made);
  if (wrong.length > 0) throw new Error(`CloudFormation says it has made what is not there:\n${wrong.join('\n')}`);
  const things = resourcesOf(templates).map(({ stack, id, type }) => {
    const physicalId = made.find((one) => one.stack === stack && one.id === id)?.physicalId ?? '';
    return { name: `${stack} ${id}`, type, physicalId };
  });
  for (const { name, type, physicalId } of things) {
    if ((await services.knows(type, physicalId)) === false) {
      throw new Error(`${name} (${type}): expected its service to know ${physicalId}, got that there is none`);
    }
  }
  return things;
}

/** No stack is left but the CDK's own, and no service knows any of it. */
export async function nothingLeft(things: readonly Thing[], services: Services): Promise<void> {
  const stacks = (await services.stacks()).filter((name) => name !== bootstrapStack);
  if (stacks.length > 0)
    throw new Error(`expected no stack but ${bootstrapStack} when all are destroyed, got ${stacks}`);
  for (const { name, type, physicalId } of things) {
    if (await services.knows(type, physicalId)) {
      throw new Error(
        `${name} (${type}): expected it gone when its stack is destroyed, got that ${physicalId} is there`,
      );
    }
  }
}
