import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type RoleName, roles, type TopicRights } from '../functions/roles.ts';
import type { Definition } from '../streaming/definition.ts';
import { auditTopicOf, consumerGroupOf, topicOf } from '../streaming/names.ts';

type TopicRight = NonNullable<TopicRights['topics']>[number];
type GroupRight = NonNullable<TopicRights['auditGroups']>[number];

/** Kafka's rights in IAM's words. */
const topicActions: Readonly<Record<TopicRight, readonly string[]>> = {
  Describe: ['DescribeTopic'],
  Read: ['DescribeTopic', 'ReadData'],
  Write: ['DescribeTopic', 'WriteData'],
};
const groupActions: Readonly<Record<GroupRight, readonly string[]>> = {
  Describe: ['DescribeGroup'],
  Read: ['DescribeGroup', 'AlterGroup'],
  Delete: ['DeleteGroup'],
};
/** CloudFormation owns the topics: `prepare` only looks whether they are there and as they should be. */
const owner: TopicRights = { topics: ['Describe'], auditTopics: ['Describe'] };
const ownerExtra = ['DescribeTopicDynamicConfiguration'];

/** A cluster's ARNs. */
export interface ClusterArns {
  readonly cluster: string;
  of(kind: 'topic' | 'group', name: string): string;
}

/** What functions/roles.ts lets a role do with the topics, as policy of IAM on a cluster. */
export function topicStatements(
  arns: ClusterArns,
  role: RoleName,
  pipelines: readonly Definition[],
): PolicyStatement[] {
  const { kafka } = roles[role];
  if (kafka === undefined) return [];
  const isOwner = kafka === 'owner';
  const rights = isOwner ? owner : kafka;
  const extra = isOwner ? ownerExtra : [];
  const writes = [rights.topics, rights.auditTopics].some((list) => list?.includes('Write'));
  return [
    // The producers are idempotent; the right to it is asked for on the cluster.
    statement(writes ? ['Connect', 'WriteDataIdempotently'] : ['Connect'], [arns.cluster]),
    ...topicStatement(arns, rights.topics, pipelines.map(topicOf), extra),
    ...topicStatement(arns, rights.auditTopics, pipelines.map(auditTopicOf), extra),
    ...topicStatement(arns, rights.anyTopic, ['*'], []),
    ...groupStatement(arns, rights.auditGroups, pipelines.map(consumerGroupOf)),
    ...groupStatement(arns, rights.anyGroup, ['*']),
    ...Object.entries(rights.groupsOf ?? {}).flatMap(([prefix, list]) => groupStatement(arns, list, [`${prefix}*`])),
  ];
}

function topicStatement(
  arns: ClusterArns,
  rights: readonly TopicRight[] | undefined,
  names: readonly string[],
  extra: readonly string[],
): PolicyStatement[] {
  if (rights === undefined) return [];
  const actions = [...rights.flatMap((right) => topicActions[right]), ...extra];
  return [
    statement(
      actions,
      names.map((name) => arns.of('topic', name)),
    ),
  ];
}

function groupStatement(arns: ClusterArns, rights: readonly GroupRight[] | undefined, names: readonly string[]) {
  if (rights === undefined) return [];
  return [
    statement(
      rights.flatMap((right) => groupActions[right]),
      names.map((name) => arns.of('group', name)),
    ),
  ];
}

function statement(actions: readonly string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...new Set(actions)].map((action) => `kafka-cluster:${action}`), resources });
}
