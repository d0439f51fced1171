import kafkajs, { type AclEntry, type Kafka } from 'kafkajs';
import type { Definition } from '../../../streaming/definition.ts';
import { auditTopicOf, consumerGroupOf, topicOf } from '../../../streaming/names.ts';
import { type RoleName, roles, rolesOn, type TopicRights, userOf } from '../../roles.ts';

const { AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = kafkajs;

type Resource = readonly [
  type: 'topic' | 'group' | 'cluster',
  name: string,
  operations: readonly string[],
  isPrefix?: boolean,
];

/** Gives every role but the owners its rights on the topics: what is missing is added, what is too much taken away. */
export async function giveTopicRights(kafka: Kafka, pipelines: readonly Definition[]): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    for (const role of rolesOn('kafka').filter((name) => roles[name].kafka !== 'owner')) {
      const wanted = aclsOf(role, pipelines);
      await admin.createAcls({ acl: wanted });
      const kept = new Set(wanted.map(textOf));
      const surplus = (await onFile(admin, role)).filter((acl) => !kept.has(textOf(acl)));
      if (surplus.length > 0) await admin.deleteAcls({ filters: surplus });
    }
  } finally {
    await admin.disconnect();
  }
}

/** A role's rights as Kafka keeps them. */
export function aclsOf(role: RoleName, pipelines: readonly Definition[]): AclEntry[] {
  const rights = roles[role].kafka ?? {};
  const resources = rights === 'owner' ? ownerResources : resourcesOf(rights, pipelines);
  return resources.flatMap(([type, name, operations, isPrefix]) =>
    operations.map((operation) => ({
      resourceType: AclResourceTypes[type.toUpperCase() as 'TOPIC'],
      resourceName: name,
      resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
      principal: `User:${userOf(role)}`,
      host: '*',
      operation: AclOperationTypes[operation.toUpperCase() as 'READ'],
      permissionType: AclPermissionTypes.ALLOW,
    })),
  );
}

/** Makes topics and gives rights; reads and writes no message, and takes nothing away. */
const ownerResources: readonly Resource[] = [
  ['topic', '*', ['Create', 'Describe']],
  ['cluster', 'kafka-cluster', ['Alter', 'Describe']],
];

function resourcesOf(rights: TopicRights, pipelines: readonly Definition[]): readonly Resource[] {
  const { topics = [], auditTopics = [], auditGroups = [], anyTopic = [], anyGroup = [], groupsOf = {} } = rights;
  return [
    ...pipelines.flatMap((pipeline): readonly Resource[] => [
      ['topic', topicOf(pipeline), topics],
      ['topic', auditTopicOf(pipeline), auditTopics],
      ['group', consumerGroupOf(pipeline), auditGroups],
    ]),
    ['topic', '*', anyTopic],
    ['group', '*', anyGroup],
    ...Object.entries(groupsOf).map(([prefix, operations]): Resource => ['group', prefix, operations, true]),
  ];
}

async function onFile(admin: kafkajs.Admin, role: RoleName): Promise<AclEntry[]> {
  const { resources } = await admin.describeAcls({
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    principal: `User:${userOf(role)}`,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  });
  return resources.flatMap(({ acls, ...resource }) => acls.map((acl) => ({ ...resource, ...acl })));
}

const textOf = ({ resourceType, resourceName, resourcePatternType, operation, permissionType, host }: AclEntry) =>
  [resourceType, resourcePatternType, resourceName, operation, permissionType, host].join(' ');
