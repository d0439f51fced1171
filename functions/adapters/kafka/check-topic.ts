import kafkajs, { type Admin } from 'kafkajs';
import { PipelineError } from '../../../streaming/errors.ts';
import { settingsOf, type TopicSpec } from '../../../streaming/topics.ts';

/** For topics that somebody else makes, CloudFormation on AWS: answers when one is as defined, and changes nothing. */
export async function checkTopic(admin: Admin, topic: TopicSpec): Promise<'present'> {
  const partitions = await partitionsOf(admin, topic.name);
  if (partitions !== topic.partitions) {
    throw unfit(topic, `${topic.partitions} partitions`, partitions === 0 ? 'no such topic' : `${partitions}`);
  }
  const found = await settingsFound(admin, topic);
  for (const [name, wanted] of Object.entries(settingsOf(topic))) {
    if (found.get(name) !== wanted) throw unfit(topic, `${name}=${wanted}`, found.get(name) ?? 'nothing');
  }
  return 'present';
}

/** Asked for a topic that is not there, a client would ask for it ever after: the list is asked first. */
async function partitionsOf(admin: Admin, name: string): Promise<number> {
  if (!(await admin.listTopics()).includes(name)) return 0;
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  return topics[0]?.partitions.length ?? 0;
}

async function settingsFound(admin: Admin, topic: TopicSpec): Promise<ReadonlyMap<string, string>> {
  const configNames = Object.keys(settingsOf(topic));
  const { resources } = await admin.describeConfigs({
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic.name, configNames }],
    includeSynonyms: false,
  });
  return new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
}

function unfit({ name }: TopicSpec, expected: string, got: string): PipelineError {
  return new PipelineError(
    `topic ${name}: expected ${expected}, as its definition says, got ${got}; the stack \`topic\` owns it: deploy that first`,
    { code: 'topic_unavailable', at: 'topic', retriable: false },
  );
}
