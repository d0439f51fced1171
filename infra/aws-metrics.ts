/**
 * Metrics of AWS's own that alarms and the dashboard look at. A name or a set of dimensions that AWS does not send is no
 * error to CloudWatch: the alarm just never speaks. So each stands here as AWS's pages had it on 2026-11-27.
 */
interface AwsMetric {
  readonly namespace: `AWS/${string}`;
  readonly name: string;
  /** All of them: a metric with fewer is another metric. */
  readonly dimensions: readonly string[];
  readonly unit: 'Count' | 'Bytes' | 'Percent';
  readonly page: string;
}

const lambda = 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html';
const keyspaces = 'https://docs.aws.amazon.com/keyspaces/latest/devguide/metrics-dimensions.html';
const rds = 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html';
const emr = 'https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/app-job-metrics.html';
const byOperation = ['Keyspace', 'TableName', 'Operation'] as const;

export const awsMetrics = {
  functionErrors: {
    namespace: 'AWS/Lambda',
    name: 'Errors',
    dimensions: ['FunctionName'],
    unit: 'Count',
    page: lambda,
  },
  functionThrottles: {
    namespace: 'AWS/Lambda',
    name: 'Throttles',
    dimensions: ['FunctionName'],
    unit: 'Count',
    page: lambda,
  },
  mappingLag: { namespace: 'AWS/Lambda', name: 'OffsetLag', dimensions: ['FunctionName'], unit: 'Count', page: lambda },
  queueDepth: {
    namespace: 'AWS/SQS',
    name: 'ApproximateNumberOfMessagesVisible',
    dimensions: ['QueueName'],
    unit: 'Count',
    page: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html',
  },
  freeStorage: {
    namespace: 'AWS/RDS',
    name: 'FreeStorageSpace',
    dimensions: ['DBInstanceIdentifier'],
    unit: 'Bytes',
    page: rds,
  },
  connections: {
    namespace: 'AWS/RDS',
    name: 'DatabaseConnections',
    dimensions: ['DBInstanceIdentifier'],
    unit: 'Count',
    page: rds,
  },
  brokerDisk: {
    namespace: 'AWS/Kafka',
    name: 'KafkaDataLogsDiskUsed',
    dimensions: ['Cluster Name', 'Broker ID'],
    unit: 'Percent',
    page: 'https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html',
  },
  // Since release 7.10 with both dimensions; the metrics with the id alone are no longer sent.
  failedJobs: {
    namespace: 'AWS/EMRServerless',
    name: 'FailedJobs',
    dimensions: ['ApplicationId', 'ApplicationName'],
    unit: 'Count',
    page: emr,
  },
  runningJobs: {
    namespace: 'AWS/EMRServerless',
    name: 'RunningJobs',
    dimensions: ['ApplicationId', 'ApplicationName'],
    unit: 'Count',
    page: emr,
  },
  writeThrottles: {
    namespace: 'AWS/Cassandra',
    name: 'WriteThrottleEvents',
    dimensions: byOperation,
    unit: 'Count',
    page: keyspaces,
  },
  tableErrors: {
    namespace: 'AWS/Cassandra',
    name: 'SystemErrors',
    dimensions: byOperation,
    unit: 'Count',
    page: keyspaces,
  },
  tableRefusals: {
    namespace: 'AWS/Cassandra',
    name: 'UserErrors',
    dimensions: byOperation,
    unit: 'Count',
    page: keyspaces,
  },
} as const satisfies Readonly<Record<string, AwsMetric>>;

type Known = typeof awsMetrics;

/** A metric of one thing: the name with all its dimensions. */
export interface Watched {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export function watched<K extends keyof Known>(
  key: K,
  dimensions: Readonly<Record<Known[K]['dimensions'][number], string>>,
): Watched {
  const { namespace, name } = awsMetrics[key];
  return { namespace, name, dimensions };
}
