import kafkajs, { type Kafka } from 'kafkajs';

/**
 * Requests to the broker, one per operation: kafkajs's clients would join groups and really write. Each is made so that
 * it changes nothing when it is allowed, and the broker judges the right before it finds that out.
 */

type Ask = (request?: object) => Promise<unknown>;

/** The parts of kafkajs below its clients. */
interface Broker extends Readonly<Record<string, Ask>> {}
interface Cluster {
  readonly brokerPool: { readonly seedBroker: Broker };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

/** The broker, as the login of a client sees it. Connecting proves nothing yet: without a login it succeeds as well. */
export async function brokerOf(kafka: Kafka): Promise<{ broker: Broker; close: () => Promise<void> }> {
  const create = Object.getOwnPropertySymbols(kafka).find((symbol) => symbol.description?.endsWith('createCluster'));
  const internals = kafka as unknown as Readonly<Record<symbol, (options: object) => Cluster>>;
  const cluster = internals[create as symbol]?.({ metadataMaxAge: 300_000, allowAutoTopicCreation: false }) as Cluster;
  await cluster.connect();
  return { broker: cluster.brokerPool.seedBroker, close: () => cluster.disconnect() };
}

interface Answered {
  readonly type?: string;
  readonly errors?: readonly Answered[];
  readonly partitions?: readonly { readonly error: Answered }[];
}

/** Whether the broker let it pass: an error about anything but authorization came after the judgement. */
export async function mayAsk(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    return !/"errorCode":(29|30|31)\b/.test(JSON.stringify(await ask()));
  } catch (error) {
    const types = typesOf(error as Answered);
    // The network's errors, and kafkajs's own, are no answer of the broker.
    if (types.length === 0) throw error;
    return !types.some((type) => type.endsWith('_AUTHORIZATION_FAILED'));
  }
}

/** The broker's words for what is wrong: one of the request, or one per topic or partition. */
function typesOf({ type, errors = [], partitions = [] }: Answered): readonly string[] {
  return [
    ...(type === undefined ? [] : [type]),
    ...[...errors, ...partitions.map(({ error }) => error)].flatMap(typesOf),
  ];
}

const partition = 0;

export const topicAttempts = (broker: Broker, topic: string): Readonly<Record<string, () => Promise<unknown>>> => ({
  Describe: async () =>
    broker['listOffsets']?.({ replicaId: -1, topics: [{ topic, partitions: [{ partition, timestamp: -1 }] }] }),
  Read: async () =>
    broker['fetch']?.({
      replicaId: -1,
      isolationLevel: 0,
      maxWaitTime: 1,
      minBytes: 0,
      maxBytes: 1,
      topics: [{ topic, partitions: [{ partition, currentLeaderEpoch: -1, fetchOffset: 0, maxBytes: 1 }] }],
    }),
  // 5 acknowledgements is a number that no broker takes.
  Write: async () =>
    broker['produce']?.({
      acks: 5,
      topicData: [{ topic, partitions: [{ partition, messages: [{ value: Buffer.from('x'), timestamp: 0 }] }] }],
    }),
  Create: async () =>
    broker['createTopics']?.({
      validateOnly: true,
      topics: [{ topic: `${topic}.stray`, numPartitions: 1, replicationFactor: 1 }],
    }),
  Alter: async () =>
    broker['createPartitions']?.({ validateOnly: true, topicPartitions: [{ topic, count: 99, assignments: [] }] }),
  AlterConfigs: async () =>
    broker['alterConfigs']?.({ validateOnly: true, resources: [{ type: 2, name: topic, configEntries: [] }] }),
  DescribeConfigs: async () => broker['describeConfigs']?.({ resources: [{ type: 2, name: topic, configNames: [] }] }),
  Delete: async () => broker['deleteRecords']?.({ topics: [{ topic, partitions: [{ partition, offset: '0' }] }] }),
});

export const groupAttempts = (
  broker: Broker,
  groupId: string,
  topic: string,
): Readonly<Record<string, () => Promise<unknown>>> => ({
  Describe: async () => broker['describeGroups']?.({ groupIds: [groupId] }),
  // By a member that the group does not have.
  Read: async () =>
    broker['heartbeat']?.({ groupId, groupGenerationId: 1, memberId: 'stray', topics: [{ topic, partitions: [] }] }),
  Delete: async () => broker['deleteGroups']?.([groupId] as unknown as object),
});

const { AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = kafkajs;
const anything = {
  resourceType: AclResourceTypes.ANY,
  resourcePatternType: ResourcePatternTypes.ANY,
  operation: AclOperationTypes.ANY,
  permissionType: AclPermissionTypes.ANY,
};

export const clusterAttempts = (broker: Broker): Readonly<Record<string, () => Promise<unknown>>> => ({
  Describe: async () => broker['describeAcls']?.(anything),
  // Of a user that does not exist: there is none to delete.
  Alter: async () => broker['deleteAcls']?.({ filters: [{ ...anything, principal: 'User:nobody' }] }),
  AlterConfigs: async () =>
    broker['alterConfigs']?.({ validateOnly: true, resources: [{ type: 4, name: '1', configEntries: [] }] }),
});

/** Names of the operations that the broker lets pass. */
export async function allowed(attempts: Readonly<Record<string, () => Promise<unknown>>>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [operation, ask] of Object.entries(attempts)) if (await mayAsk(ask)) found.push(operation);
  return found;
}
