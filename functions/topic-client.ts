import { kafkaClient, topicSecret } from './adapters/kafka/client.ts';
import { kafkaTopic } from './adapters/kafka/topic.ts';
import type { Clients } from './clients.ts';
import { needed } from './env.ts';
import { once } from './once.ts';
import type { TopicAdmin } from './ports.ts';

/** Kafka, reached at the first use and kept for the life of the process. */
export function topicClient({ env, secrets }: Clients): () => Promise<TopicAdmin> {
  return once(async () => kafkaTopic(kafkaClient(await secrets.read(needed(env, 'TOPIC_SECRET'), topicSecret))));
}
