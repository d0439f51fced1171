import { murmur3 } from '../../functions/adapters/cassandra/keyspaces.ts';
import { steps } from '../../functions/steps.ts';
import type { Config } from '../config.ts';
import { offered } from '../config-check.ts';
import { stackId } from '../names.ts';
import type { Account, DeployedStack } from './account.ts';

/** One line of the preflight: what was asked, and whether the deployment may go on. */
export interface Finding {
  readonly asked: string;
  readonly state: 'ok' | 'no' | 'not asked';
  readonly says: string;
}

interface Check {
  readonly asked: string;
  /** What was found, in words; throws what is wrong and what to do. */
  readonly find: (config: Config, account: Account, isRehearsal: boolean) => Promise<string | NotAsked>;
}

interface NotAsked {
  readonly because: string;
}

const needsBootstrap = 6;
/** Lambda keeps so many back for functions that reserve nothing. */
const unreserved = 100;

const checks: readonly Check[] = [
  { asked: 'region', find: async ({ region, zones }) => `${region}, zones ${zones.join(', ')}` },
  { asked: 'bootstrap', find: bootstrap },
  { asked: 'stages', find: async (config, account) => otherStages(config, await account.stacks()) },
  { asked: 'Lambda', find: async (config, account) => concurrency(config, await account.concurrency()) },
  {
    asked: 'Kafka',
    find: async ({ topic }, account) => isOffered('topic.kafka', topic.kafka, await account.kafkaVersions()),
  },
  {
    asked: 'EMR',
    find: async ({ stream }, account) =>
      isOffered('stream.release', stream.release, await account.releases(stream.release)),
  },
  { asked: 'Keyspaces', find: keyspaces },
  { asked: 'Airflow', find: async ({ orchestration }) => airflow(orchestration) },
];

/** Asks the account for everything that a deployment needs; the answers come in this order, whatever they are. */
export async function preflight(config: Config, account: Account, isRehearsal: boolean): Promise<readonly Finding[]> {
  const who = await finding('credentials', async () => {
    const { account: id, arn } = await account.identity().catch(withoutCredentials);
    return `account ${id}, as ${arn}`;
  });
  // Without credentials every other answer would be the same complaint.
  if (who.state === 'no') return [who];
  const others = checks.map(({ asked, find }) => finding(asked, () => find(config, account, isRehearsal)));
  return [who, ...(await Promise.all(others))];
}

/** Says what to do for whom AWS does not know. */
export function withoutCredentials(error: Error): never {
  throw new Error(
    `${error.name}: ${error.message}; log in first: aws sso login, or AWS_PROFILE=<profile> before the command`,
  );
}

export const findingText = ({ asked, state, says }: Finding) =>
  `${state === 'ok' ? 'ok  ' : state === 'no' ? 'NO  ' : '-   '}${asked.padEnd(12)}${says}`;

async function finding(asked: string, find: () => Promise<string | NotAsked>): Promise<Finding> {
  try {
    const found = await find();
    return typeof found === 'string'
      ? { asked, state: 'ok', says: found }
      : { asked, state: 'not asked', says: found.because };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
    return { asked, state: 'no', says: name === 'Error' ? message : `${name}: ${message}` };
  }
}

async function bootstrap({ region }: Config, account: Account): Promise<string> {
  const stacks = await account.stacks();
  const version = Number(stacks.find(({ name }) => name === 'CDKToolkit')?.outputs['BootstrapVersion'] ?? 0);
  if (version >= needsBootstrap) return `version ${version}`;
  const got = version === 0 ? 'none' : `version ${version}`;
  const { account: id } = await account.identity();
  throw new Error(
    `expected version ${needsBootstrap} or newer of the CDK's own stack, got ${got}: npx cdk bootstrap aws://${id}/${region}`,
  );
}

/** Names are the same in every stage, so that two of them in one place would fight over them. */
function otherStages({ stage }: Config, stacks: readonly DeployedStack[]): string {
  const mine = stackId({ stage }, '');
  const here = stacks.filter(({ name }) => name.startsWith('millrace-'));
  const other = here.find(({ name }) => !name.startsWith(mine));
  if (other !== undefined) {
    throw new Error(
      `expected no other stage in this account and region, got the stack ${other.name}; take another account or region (-c region=...), or destroy that stage`,
    );
  }
  return here.length === 0 ? 'none here yet' : `${stage} is here (${here.length} of its stacks): this is an upgrade`;
}

function concurrency({ functions, sources }: Config, limit: number): string {
  const perPipeline = Object.keys(sources).length;
  const wanted = steps.reduce((all, step) => all + step.concurrency * (step.per === 'pipeline' ? perPipeline : 1), 0);
  if (functions.reserved && limit - unreserved < wanted) {
    throw new Error(
      `expected ${wanted + unreserved} concurrent executions for what the stage reserves, got ${limit}; ask AWS for more (Service Quotas, Lambda), or say -c functions.reserved=false`,
    );
  }
  return functions.reserved
    ? `${limit} concurrent executions, ${wanted} reserved`
    : `${limit} concurrent executions, none reserved`;
}

function isOffered(key: string, wanted: string, versions: readonly string[]): string {
  if (versions.includes(wanted)) return `${wanted} is offered`;
  throw new Error(`${key}: expected one that is offered (${versions.join(', ') || 'none'}), got ${wanted}`);
}

async function keyspaces(_: Config, account: Account, isRehearsal: boolean): Promise<string | NotAsked> {
  if (isRehearsal) return { because: 'Keyspaces is reached by CQL, which nobody plays in a rehearsal' };
  const found = await account.partitioner();
  if (found === murmur3) return 'Murmur3Partitioner';
  throw new Error(
    `expected the partitioner ${murmur3}, got ${found}: in the CQL editor of the console run  ` +
      `UPDATE system.local SET partitioner = '${murmur3}' WHERE key = 'local';  and wait some minutes`,
  );
}

function airflow({ kind, airflow: version }: Config['orchestration']): string | NotAsked {
  if (kind === 'none') return 'not part of this stage';
  const { seen } = offered['orchestration.airflow'];
  return { because: `${version}: MWAA answers no question about versions; last seen in AWS's pages or code ${seen}` };
}
