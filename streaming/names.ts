import type { Definition } from './definition.ts';

/** Every name that follows from a definition's name. Nothing else spells one. */

/** Cassandra keyspace that holds the tables of every pipeline. */
export const keyspace = 'millrace';

/** Partitions of a topic; an audit topic always has one, because its order is what makes coverage trustworthy. */
export const topicPartitions = 3;

type Named = Pick<Definition, 'name'>;

export const topicOf = ({ name }: Named) => `${name}.v1`;
export const auditTopicOf = (pipeline: Named) => `${topicOf(pipeline)}.audit`;
/** Registry subject of the topic's values. */
export const subjectOf = (pipeline: Named) => `${topicOf(pipeline)}-value`;
/** Avro record name. */
export const avroNameOf = ({ name }: Named) =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
export const consumerGroupOf = (pipeline: Named) => `${topicOf(pipeline)}.audit`;
