import type { Definition } from './definition.ts';
import { checkedSecondsOf } from './duration.ts';
import { auditTopicOf, topicOf, topicPartitions } from './names.ts';

/** A topic as it must be, wherever it is made: by `prepare` on this machine, by CloudFormation on AWS. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  /** Most bytes of one batch of messages. */
  readonly maxMessageBytes: number;
}

/** The relay's batch limit with room for frames and headers. */
const maxMessageBytes = 8_000_000;

/** No broker may refuse what a topic takes. */
export const largestMessageBytes = 2 * maxMessageBytes;

/** A pipeline's topics: the main one, and its audit topic, whose messages hold messages of the main one. */
export function topicsOf(pipeline: Pick<Definition, 'name' | 'keep'>): readonly TopicSpec[] {
  const retentionMs = checkedSecondsOf(pipeline.keep.topic) * 1000;
  return [
    { name: topicOf(pipeline), partitions: topicPartitions, retentionMs, maxMessageBytes },
    { name: auditTopicOf(pipeline), partitions: 1, retentionMs, maxMessageBytes: largestMessageBytes },
  ];
}

/** What a topic asks of Kafka, as its configuration. */
export function settingsOf({ retentionMs, maxMessageBytes }: TopicSpec): Readonly<Record<string, string>> {
  return {
    // Offsets must stay contiguous: accounting is by ranges.
    'cleanup.policy': 'delete',
    'retention.ms': String(retentionMs),
    'max.message.bytes': String(maxMessageBytes),
  };
}
