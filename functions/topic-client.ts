import { mskToken } from './adapters/aws/sigv4.ts';
import { kafkaClient, topicSecret } from './adapters/kafka/client.ts';
import { kafkaTopic } from './adapters/kafka/topic.ts';
import type { Clients } from './clients.ts';
import { needed, readSigner } from './env.ts';
import { once } from './once.ts';
import type { Topic } from './ports.ts';

/** Kafka, reached at the first use and kept for the life of the process. */
export function topicClient(clients: Clients): () => Promise<Topic> {
  return once(async () => kafkaTopic(kafkaClient(await topicLogin(clients))));
}

/** The login that the environment names: brokers of MSK by IAM, or a secret that says everything. */
export async function topicLogin({ env, secrets }: Pick<Clients, 'env' | 'secrets'>) {
  if (env.TOPIC_BROKERS === undefined) return secrets.read(needed(env, 'TOPIC_SECRET'), topicSecret);
  return { brokers: env.TOPIC_BROKERS.split(','), token: () => mskToken(readSigner(env)) };
}
