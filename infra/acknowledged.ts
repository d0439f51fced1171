import { steps } from '../functions/steps.ts';
import { pipelines } from '../streaming/pipelines/index.ts';

/** Findings of cdk-nag that stand, and why. */
export interface Acknowledged {
  readonly because: string;
  /** `construct | rule`, each exactly: another finding on the same construct is a new one. */
  readonly findings: readonly string[];
}

const each = <T>(list: readonly T[], finding: (item: T) => string | readonly string[]) => list.flatMap(finding);
const on = (construct: string, rules: readonly string[]) => rules.map((rule) => `${construct} | ${rule}`);
const wildcard = (what: string) => `AwsSolutions-IAM5[${what}]`;
const resource = (arn: string) => wildcard(`Resource::${arn}`);
const managedPolicy =
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]';

const names = steps.map(({ name }) => name);
const deployment = 'Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C';
const deployments = [`stream/${deployment}512MiB`, `orchestration/${deployment}`];
const sdkCall = 'topic/AWS679f53fac002430cb0da5b7982bd2287';
const framework = ['isComplete', 'onEvent', 'onTimeout'].map((name) => `stream/Changing/framework-${name}`);
const ownCustom = ['stream/Changing-isComplete', 'stream/Changing-onEvent'];
const waiter = 'stream/Changing/waiter-state-machine';

const ofFunctions: readonly Acknowledged[] = [
  {
    because:
      'What a step fails at, its next call does: settle runs what extract missed, the relay reads on from its position, ' +
      'audit is called until it succeeds. The alarm on errors tells.',
    findings: each(names, (name) => `functions/${name} | Serverless-LambdaDLQ`),
  },
  {
    because:
      'A record is followed by its run and its offset, which the ledger holds for all of them and not for a sample.',
    findings: each(names, (name) => `functions/${name} | Serverless-LambdaTracing`),
  },
  {
    because:
      'The calls by which Lambda puts a function into a network, and finds the brokers for audit, know no resource.',
    findings: each(names, (name) => on(`functions/${name}-role/DefaultPolicy`, [resource('*')])),
  },
  {
    because:
      'With a destination for failures Lambda would give up on a report and go on; without, it asks until it is taken.',
    findings: each(
      pipelines,
      ({ name }) => `functions/audit/${name}-audit | Serverless-LambdaEventSourceMappingDestination`,
    ),
  },
  {
    because: 'It is the queue of what could not be delivered; an alarm watches it.',
    findings: on('functions/Undelivered', ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy']),
  },
  {
    because: 'A function and its versions: Lambda asks for the right on both.',
    findings: each(
      [
        'extractC82861CC',
        'reconcileD5DE7DCB',
        'relay2962D49C',
        'retainB9C17809',
        'settle76CCC8E1',
        'superviseB5A7544D',
      ],
      (id) => on('functions/scheduler-role/DefaultPolicy', [resource(`<${id}.Arn>:*`)]),
    ),
  },
  {
    because: 'The objects and job runs below a prefix that is only theirs.',
    findings: [
      ...on('functions/prepare-role/DefaultPolicy', [resource('<stream>/artifacts/*')]),
      ...on('functions/rebuild-role/DefaultPolicy', [resource('<stream>/control/*'), resource('<stream>/jobruns/*')]),
      ...on('functions/supervise-role/DefaultPolicy', [
        resource('<stream>/control/*'),
        resource('<stream>/checkpoints/*'),
        resource('<stream>/jobruns/*'),
      ]),
    ],
  },
  {
    because: 'A driver of Keyspaces reads the tables of the system before it reads any other; they hold no record.',
    findings: each(
      [
        'functions/erase-role',
        'functions/prepare-role',
        'functions/rebuild-role',
        'functions/reconcile-role',
        'stream/Role',
      ],
      (role) =>
        on(`${role}/DefaultPolicy`, [resource('arn:aws:cassandra:us-east-1:<AWS::AccountId>:/keyspace/system*')]),
    ),
  },
];

const ofStores: readonly Acknowledged[] = [
  {
    because: 'dev and full show the path; a database that is away for some minutes loses nothing, extract catches up.',
    findings: ['landing/Database | AwsSolutions-RDS3'],
  },
  {
    because: 'dev holds only records that the samples make again, and is taken down as often as it is put up.',
    findings: ['landing/Database | AwsSolutions-RDS10'],
  },
  {
    because: 'The port is no secret: the database is reached from the functions’ security groups and by nobody else.',
    findings: ['landing/Database | AwsSolutions-RDS11'],
  },
  {
    because:
      'Objects are written by two roles whose calls CloudTrail can tell apart; a bucket of logs would hold more than they do.',
    findings: ['stream/Artifacts | AwsSolutions-S1', 'orchestration/Dags | AwsSolutions-S1'],
  },
  {
    because:
      'The objects below a prefix that the job reads or writes, and the groups that Spark makes up for each query.',
    findings: [
      ...each(['artifacts', 'checkpoints', 'conf', 'jars', 'job', 'logs'], (prefix) =>
        on('stream/Role/DefaultPolicy', [resource(`<Artifacts82DD59A1.Arn>/${prefix}/*`)]),
      ),
      ...on('stream/Role/DefaultPolicy', [
        resource('arn:aws:kafka:us-east-1:<AWS::AccountId>:group/millrace/<topic>/spark-kafka-source-*'),
      ]),
    ],
  },
  {
    because: 'Behind an endpoint the driver of Keyspaces finds its nodes by calls of EC2 that know no resource.',
    findings: on('stream/Role/DefaultPolicy', [resource('*')]),
  },
];

/** Functions that the CDK brings for itself. They run while a stack is deployed, and see no record. */
const ofTheCdk: readonly Acknowledged[] = [
  {
    because: 'It runs while a stack is deployed, which waits for it and tells what went wrong.',
    findings: [
      ...each([...deployments, sdkCall, ...framework, ...ownCustom], (name) =>
        on(name, ['Serverless-LambdaDLQ', 'Serverless-LambdaTracing']),
      ),
      ...on(waiter, ['AwsSolutions-SF1', 'AwsSolutions-SF2', 'Serverless-StepFunctionStateMachineXray']),
    ],
  },
  {
    because: 'It only writes its own log, by the policy that AWS keeps for that.',
    findings: each([...deployments, sdkCall, ...framework, ...ownCustom], (name) =>
      on(`${name}/ServiceRole`, [managedPolicy]),
    ),
  },
  {
    because: 'Its runtime and its memory come with the CDK, which keeps them in support.',
    findings: [
      ...each(deployments, (name) => on(name, ['AwsSolutions-L1', 'Serverless-LambdaLatestVersion'])),
      ...each([sdkCall, ...framework], (name) => on(name, ['Serverless-LambdaDefaultMemorySize'])),
    ],
  },
  {
    because: 'It copies files from the bucket of the CDK into ours.',
    findings: each(
      [
        [deployments[0], 'Artifacts82DD59A1'],
        [deployments[1], 'Dags188BE91E'],
      ] as const,
      ([name, bucket]) =>
        on(`${name}/ServiceRole/DefaultPolicy`, [
          ...['Abort', 'DeleteObject', 'GetBucket', 'GetObject', 'List'].map((action) =>
            wildcard(`Action::s3:${action}*`),
          ),
          resource(`<${bucket}.Arn>/*`),
          resource('arn:aws:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-us-east-1/*'),
        ]),
    ),
  },
  {
    because: 'Parts of the CDK’s own waiting call each other, in any version.',
    findings: [
      ...each(framework, (name) =>
        on(`${name}/ServiceRole/DefaultPolicy`, [
          resource('<ChangingisComplete4C800FFE.Arn>:*'),
          resource('<ChangingonEventC3230BB9.Arn>:*'),
        ]),
      ),
      ...on(`${waiter}/Role/DefaultPolicy`, [
        resource('<ChangingframeworkisCompleteA541A4EF.Arn>:*'),
        resource('<ChangingframeworkonTimeoutB1521955.Arn>:*'),
      ]),
    ],
  },
  {
    because: 'Before the application is made it has no id to name; the account holds one application.',
    findings: on('stream/Changing-isComplete/ServiceRole/DefaultPolicy', [
      resource('*'),
      resource('arn:aws:emr-serverless:us-east-1:<AWS::AccountId>:/applications/*'),
      resource('arn:aws:emr-serverless:us-east-1:<AWS::AccountId>:/applications/*/jobruns/*'),
    ]),
  },
];

const ofAirflow: readonly Acknowledged[] = [
  {
    because:
      'What MWAA asks for, as it asks for it: its queue and key lie in an account of AWS, its log groups it names itself.',
    findings: on('orchestration/Role/DefaultPolicy', [
      wildcard('Action::kms:GenerateDataKey*'),
      ...['GetBucket', 'GetObject', 'List'].map((action) => wildcard(`Action::s3:${action}*`)),
      resource('*'),
      resource('<Dags188BE91E.Arn>/*'),
      resource('arn:aws:logs:us-east-1:<AWS::AccountId>:log-group:airflow-millrace-*'),
      resource('arn:aws:sqs:us-east-1:*:airflow-celery-*'),
    ]),
  },
  {
    because: 'Airflow looks at the job runs of the one application.',
    findings: on('orchestration/Role/DefaultPolicy', [resource('<stream>/jobruns/*')]),
  },
];

export const acknowledged: readonly Acknowledged[] = [...ofFunctions, ...ofStores, ...ofTheCdk, ...ofAirflow];
