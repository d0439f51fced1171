import {
  CloudFormationClient,
  paginateDescribeStacks,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Made } from './made.ts';

export interface Services {
  stacks(): Promise<readonly string[]>;
  made(stack: string): Promise<readonly Made[]>;
  /** Asks the service itself; undefined for a type that no service is asked about, which are the policies. */
  knows(type: string, physicalId: string): Promise<boolean | undefined>;
}

export interface Where {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export function servicesAt(where: Where): Services {
  const client = new CloudFormationClient(where);
  const ask = questionsAt(where);
  return {
    async stacks() {
      const found: string[] = [];
      for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
        // AWS no longer lists those that are deleted; LocalStack does.
        const there = Stacks.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
        found.push(...there.map(({ StackName = '' }) => StackName));
      }
      return found;
    },
    made: (stack) => madeIn(client, stack),
    knows: async (type, physicalId) => ask[type]?.(physicalId).then(() => true, isGone),
  };
}

async function madeIn(client: CloudFormationClient, stack: string): Promise<readonly Made[]> {
  const found: Made[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: stack })) {
    found.push(
      ...StackResourceSummaries.map((one) => ({
        stack,
        id: one.LogicalResourceId ?? '',
        type: one.ResourceType ?? '',
        status: one.ResourceStatus ?? '',
        physicalId: one.PhysicalResourceId,
      })),
    );
  }
  return found;
}

function questionsAt(where: Where): Readonly<Record<string, (id: string) => Promise<unknown>>> {
  const secrets = new SecretsManagerClient(where);
  const topics = new SNSClient(where);
  const queues = new SQSClient(where);
  const buckets = new S3Client({ ...where, forcePathStyle: true });
  return {
    'AWS::SecretsManager::Secret': (SecretId) => secrets.send(new DescribeSecretCommand({ SecretId })),
    'AWS::SNS::Topic': (TopicArn) => topics.send(new GetTopicAttributesCommand({ TopicArn })),
    'AWS::SQS::Queue': (QueueUrl) => queues.send(new GetQueueAttributesCommand({ QueueUrl })),
    'AWS::S3::Bucket': (Bucket) => buckets.send(new HeadBucketCommand({ Bucket })),
  };
}

/** Each service has its own name for it. */
function isGone(error: unknown): false {
  if (error instanceof Error && /NotFound|NonExistent|DoesNotExist|NoSuch/.test(error.name)) return false;
  throw error;
}
