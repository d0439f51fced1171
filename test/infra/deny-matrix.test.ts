import { describe, expect, it } from 'vitest';
import { type RoleName, roles, type TopicRights, userOf } from '../../functions/roles.ts';
import { steps } from '../../functions/steps.ts';
import { keyspace, topicOf } from '../../streaming/names.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { topicsOf } from '../../streaming/topics.ts';
import { account, evaluator } from './evaluate.ts';
import { allowedByRole, isAllowed } from './policies.ts';
import { resourcesOf, synthesize } from './synthesized.ts';

const templates = synthesize('full');
const allowed = allowedByRole(templates);
const secret = `landing.${resourcesOf(templates, 'AWS::RDS::DBInstance')[0]?.id}.MasterUserSecret.SecretArn`;
const principals = [...steps.map(({ name }) => name), 'stream'] as const;

const region = 'us-east-1';
const cluster = `arn:aws:kafka:${region}:${account}:cluster/millrace/uuid`;
const topicArn = (name: string) => `arn:aws:kafka:${region}:${account}:topic/millrace/uuid/${name}`;
const groupArn = (name: string) => `arn:aws:kafka:${region}:${account}:group/millrace/uuid/${name}`;
const tableArn = (name: string) => `arn:aws:cassandra:${region}:${account}:/keyspace/${keyspace}/table/${name}`;
const functionArn = (step: string) => `arn:aws:lambda:${region}:${account}:function:millrace-${step}`;
const loginArn = (user: string) => `arn:aws:rds-db:${region}:${account}:dbuser:db-RESOURCE/${user}`;

interface Wish {
  readonly action: string;
  readonly resource: string;
  /** Who may, by functions/roles.ts. */
  readonly by: readonly RoleName[];
}

const may = (ask: (role: RoleName) => boolean) => principals.filter(ask);

const rightsOf = (role: RoleName): TopicRights => {
  const { kafka } = roles[role];
  // CloudFormation owns the topics: here the owner only looks.
  return kafka === 'owner' ? { topics: ['Describe'], auditTopics: ['Describe'] } : (kafka ?? {});
};

function topicWishes(): Wish[] {
  return pipelines.flatMap((pipeline) =>
    topicsOf(pipeline).flatMap(({ name }, index) => {
      const list = (role: RoleName) => rightsOf(role)[index === 0 ? 'topics' : 'auditTopics'] ?? [];
      const resource = topicArn(name);
      return [
        { action: 'kafka-cluster:WriteData', resource, by: may((role) => list(role).includes('Write')) },
        { action: 'kafka-cluster:ReadData', resource, by: may((role) => list(role).includes('Read')) },
        { action: 'kafka-cluster:DescribeTopic', resource, by: may((role) => list(role).length > 0) },
        ...['CreateTopic', 'DeleteTopic', 'AlterTopic', 'AlterTopicDynamicConfiguration'].map((action) => ({
          action: `kafka-cluster:${action}`,
          resource,
          by: [],
        })),
      ];
    }),
  );
}

function clusterWishes(): Wish[] {
  const audits = pipelines.map((pipeline) => topicsOf(pipeline)[1]?.name ?? '');
  return [
    { action: 'kafka-cluster:Connect', resource: cluster, by: may((role) => roles[role].kafka !== undefined) },
    ...['AlterCluster', 'CreateTopic', 'AlterClusterDynamicConfiguration'].map((action) => ({
      action: `kafka-cluster:${action}`,
      resource: cluster,
      by: [],
    })),
    ...audits.map((name) => ({ action: 'kafka-cluster:AlterGroup', resource: groupArn(name), by: ['audit'] as const })),
    { action: 'kafka-cluster:AlterGroup', resource: groupArn('spark-kafka-source-1'), by: ['stream'] },
    { action: 'kafka-cluster:AlterGroup', resource: groupArn('another'), by: [] },
    { action: 'kafka-cluster:WriteData', resource: topicArn('another.v1'), by: [] },
    { action: 'kafka-cluster:ReadData', resource: topicArn('another.v1'), by: [] },
  ];
}

const usesTables = (role: RoleName, right: 'SELECT' | 'MODIFY') => roles[role].cassandra?.includes(right) ?? false;

function tableWishes(): Wish[] {
  return pipelines.flatMap(({ tables }) =>
    Object.keys(tables).flatMap((name) => [
      { action: 'cassandra:Modify', resource: tableArn(name), by: may((role) => usesTables(role, 'MODIFY')) },
      { action: 'cassandra:Select', resource: tableArn(name), by: may((role) => usesTables(role, 'SELECT')) },
      ...['Drop', 'Alter', 'Create', 'Restore'].map((action) => ({
        action: `cassandra:${action}`,
        resource: tableArn(name),
        by: [],
      })),
    ]),
  );
}

function landingWishes(): Wish[] {
  return principals.map((role) => ({
    action: 'rds-db:connect',
    resource: loginArn(userOf(role)),
    // prepare logs in by the master secret.
    by: role === 'prepare' || roles[role].postgres === undefined ? [] : [role],
  }));
}

function stepWishes(): Wish[] {
  return steps.map(({ name }) => ({
    action: 'lambda:InvokeFunction',
    resource: functionArn(name),
    by: may((role) => roles[role].wakes?.includes(name) ?? false),
  }));
}

const jobs = `arn:aws:emr-serverless:${region}:${account}:/applications/`;

const otherWishes: Wish[] = [
  { action: 'secretsmanager:GetSecretValue', resource: secret, by: ['prepare'] },
  { action: 'secretsmanager:PutSecretValue', resource: secret, by: [] },
  {
    action: 'glue:RegisterSchemaVersion',
    resource: `arn:aws:glue:${region}:${account}:registry/millrace`,
    by: ['prepare'],
  },
  {
    action: 'glue:GetSchemaByDefinition',
    resource: `arn:aws:glue:${region}:${account}:registry/millrace`,
    by: ['prepare', 'relay'],
  },
  { action: 'glue:DeleteSchema', resource: `arn:aws:glue:${region}:${account}:registry/millrace`, by: [] },
  { action: 'emr-serverless:UpdateApplication', resource: `${jobs}x`, by: [] },
  { action: 'emr-serverless:StopApplication', resource: `${jobs}x`, by: [] },
  { action: 'iam:PassRole', resource: `arn:aws:iam::${account}:role/millrace-prepare`, by: [] },
  { action: 'iam:PassRole', resource: `arn:aws:iam::${account}:role/millrace-stream`, by: ['supervise', 'rebuild'] },
  { action: 's3:PutObject', resource: 'arn:aws:s3:::another-bucket/x', by: [] },
  { action: 'sts:AssumeRole', resource: `arn:aws:iam::${account}:role/millrace-prepare`, by: [] },
];

const bucket = `arn:aws:s3:::millrace-full-${account}-${region}`;
const objectWishes: Wish[] = [
  { action: 's3:PutObject', resource: `${bucket}/artifacts/manifest.json`, by: ['prepare'] },
  { action: 's3:GetObject', resource: `${bucket}/artifacts/manifest.json`, by: ['stream'] },
  { action: 's3:PutObject', resource: `${bucket}/checkpoints/1/x`, by: ['stream'] },
  { action: 's3:DeleteObject', resource: `${bucket}/checkpoints/1/x`, by: ['supervise', 'stream'] },
  { action: 's3:PutObject', resource: `${bucket}/job/x/main.py`, by: [] },
  { action: 's3:PutObject', resource: `${bucket}/jars/x/y.jar`, by: [] },
  { action: 's3:GetObject', resource: `${bucket}/control/hold.json`, by: ['supervise', 'rebuild'] },
  { action: 's3:PutObject', resource: `${bucket}/control/hold.json`, by: [] },
  { action: 's3:DeleteBucket', resource: bucket, by: [] },
];

const matrix = [
  ...topicWishes(),
  ...clusterWishes(),
  ...tableWishes(),
  ...landingWishes(),
  ...stepWishes(),
  ...objectWishes,
  ...otherWishes,
].flatMap(({ action, resource, by }) => principals.map((role) => ({ role, action, resource, may: by.includes(role) })));

describe('On AWS a role may do what functions/roles.ts says, and nothing else', () => {
  it.each(matrix)('$role: $action on $resource: $may', ({ role, action, resource, may: expected }) => {
    const statements = allowed.get(`millrace-${role}`);
    expect(statements, `a role named millrace-${role}`).toBeDefined();
    expect(isAllowed(statements ?? [], action, resource)).toBe(expected);
  });
});

describe('Nobody else is handed the stores', () => {
  const others = [...allowed.keys()].filter((name) => !principals.some((role) => name === `millrace-${role}`));

  it.each(others)('%s touches no record', (name) => {
    const statements = allowed.get(name) ?? [];
    for (const { action, resource } of [...topicWishes(), ...tableWishes(), ...landingWishes()]) {
      expect(isAllowed(statements, action, resource), `${action} on ${resource}`).toBe(false);
    }
    expect(isAllowed(statements, 'secretsmanager:GetSecretValue', secret)).toBe(false);
  });
});

describe('The matrix finds', () => {
  /** The templates with one statement more in a role's policy. */
  function withStatement(role: string, Action: string, Resource: unknown): typeof templates {
    const broken = structuredClone(templates);
    const policy = resourcesOf(broken, 'AWS::IAM::Policy').find(({ noun, Properties }) =>
      JSON.stringify(evaluator(broken)(noun, Properties['Roles'])).includes(`millrace-${role}`),
    );
    const document = policy?.Properties['PolicyDocument'] as { Statement: object[] } | undefined;
    document?.Statement.push({ Effect: 'Allow', Action, Resource });
    return broken;
  }

  const violations = (broken: typeof templates) => {
    const statements = allowedByRole(broken);
    return matrix.filter(
      ({ role, action, resource, may: expected }) =>
        isAllowed(statements.get(`millrace-${role}`) ?? [], action, resource) !== expected,
    );
  };

  it('nothing in the templates as they are', () => {
    expect(violations(templates)).toEqual([]);
  });

  it.each([
    ['a relay that may read its topic', 'relay', 'kafka-cluster:ReadData', topicArn('*')],
    ['a stream that may write its topic', 'stream', 'kafka-cluster:*', topicArn(topicOf(pipelines[0] ?? { name: '' }))],
    ['an inspect that may see the owner’s secret', 'inspect', 'secretsmanager:GetSecretValue', '*'],
    ['a settle that may call prepare', 'settle', 'lambda:InvokeFunction', functionArn('*')],
    ['an extract that logs in as the relay', 'extract', 'rds-db:connect', loginArn('millrace_relay')],
    ['a supervise that hands out any role', 'supervise', 'iam:PassRole', '*'],
    ['a stream that may drop tables', 'stream', 'cassandra:*', '*'],
    ['an audit that may write what the job runs', 'audit', 's3:PutObject', `${bucket}/*`],
  ])('%s', (_, role, action, resource) => {
    const found = violations(withStatement(role, action, resource));
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map((row) => row.role))).toEqual(new Set([role]));
  });

  it('a stream that lost its right to write the tables', () => {
    const broken = structuredClone(templates);
    for (const { Properties } of resourcesOf(broken, 'AWS::IAM::Policy')) {
      const { Statement } = Properties['PolicyDocument'] as { Statement: { Action: string | string[] }[] };
      for (const statement of Statement)
        if (statement.Action === 'cassandra:Modify') statement.Action = 'cassandra:Select';
    }
    expect(violations(broken).map(({ role, action }) => `${role} ${action}`)).toContain('stream cassandra:Modify');
  });
});
