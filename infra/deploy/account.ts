import { CloudFormationClient, paginateDescribeStacks } from '@aws-sdk/client-cloudformation';
import { EMRClient, ListReleaseLabelsCommand } from '@aws-sdk/client-emr';
import { KafkaClient, paginateListKafkaVersions } from '@aws-sdk/client-kafka';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { keyspacesPartitioner } from '../../functions/adapters/cassandra/keyspaces.ts';
import type { Config } from '../config.ts';
import { stackId } from '../names.ts';

export interface DeployedStack {
  readonly name: string;
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** What is asked of the account before something is done to it. Every answer may be an error, which says why. */
export interface Account {
  identity(): Promise<{ readonly account: string; readonly arn: string }>;
  stacks(): Promise<readonly DeployedStack[]>;
  /** How many functions may run at once, all together. */
  concurrency(): Promise<number>;
  kafkaVersions(): Promise<readonly string[]>;
  /** Releases of EMR whose name begins so. */
  releases(prefix: string): Promise<readonly string[]>;
  /** Full name of the class of the partitioner of Keyspaces. */
  partitioner(): Promise<string>;
}

/** The account that the credentials of this shell are of, in a region. */
export function awsAccount(region: string): Account {
  const sts = new STSClient({ region });
  return {
    async identity() {
      const { Account: account = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand());
      return { account, arn };
    },
    stacks: () => stacks(new CloudFormationClient({ region })),
    async concurrency() {
      const { AccountLimit } = await new LambdaClient({ region }).send(new GetAccountSettingsCommand());
      return AccountLimit?.ConcurrentExecutions ?? 0;
    },
    kafkaVersions: () => kafkaVersions(new KafkaClient({ region })),
    releases: (prefix) => releases(new EMRClient({ region }), prefix),
    async partitioner() {
      const credentials = await sts.config.credentials();
      return keyspacesPartitioner(`cassandra.${region}.amazonaws.com`, () => ({ region, credentials }));
    },
  };
}

async function stacks(client: CloudFormationClient): Promise<readonly DeployedStack[]> {
  const found: DeployedStack[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    for (const { StackName: name = '', StackStatus: status = '', Outputs = [] } of Stacks) {
      const outputs = Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue] as const);
      found.push({ name, status, outputs: Object.fromEntries(outputs) });
    }
  }
  return found;
}

async function kafkaVersions(client: KafkaClient): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { KafkaVersions = [] } of paginateListKafkaVersions({ client }, {})) {
    found.push(...KafkaVersions.filter(({ Status }) => Status === 'ACTIVE').map(({ Version = '' }) => Version));
  }
  return found;
}

async function releases(client: EMRClient, prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  let NextToken: string | undefined;
  do {
    const answer = await client.send(new ListReleaseLabelsCommand({ Filters: { Prefix: prefix }, NextToken }));
    found.push(...(answer.ReleaseLabels ?? []));
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/** Names of the stacks of a stage that are there. */
export async function stacksOf(config: Config, account: Account): Promise<readonly string[]> {
  return (await account.stacks()).map(({ name }) => name).filter((name) => name.startsWith(stackId(config, '')));
}
