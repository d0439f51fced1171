import path from 'node:path';
import { folderArtifacts } from '../../functions/adapters/artifacts/folder.ts';
import { kafkaClient } from '../../functions/adapters/kafka/client.ts';
import { kafkaTopic } from '../../functions/adapters/kafka/topic.ts';
import { openDatabase } from '../../functions/adapters/postgres/connection.ts';
import { postgresOutbox } from '../../functions/adapters/postgres/relay.ts';
import { postgresLanding } from '../../functions/adapters/postgres/runs.ts';
import { confluentRegistry } from '../../functions/adapters/registry/confluent.ts';
import { sourceFor } from '../../functions/adapters/source/source.ts';
import { extract } from '../../functions/extract/extract.ts';
import { readySchemas } from '../../functions/prepare/schemas.ts';
import { messageEncoder } from '../../functions/relay/message.ts';
import { relay } from '../../functions/relay/relay.ts';
import { registryUrl } from '../../local/services/registry.ts';
import { topicSecretOf } from '../../local/start/secrets.ts';
import type { Definition } from '../../streaming/definition.ts';
import { type Path, until } from '../e2e/path.ts';
import { unmeasured } from '../functions/measuring.ts';

/**
 * The steps of a definition other than the one that runs, on the stores of the platform and under its roles: what a
 * deployment does in the minutes in which functions and job are not of the same version.
 */
export interface Hands {
  /** As prepare does: the schema goes to the registry and beside the manifest. */
  prepareTopic(pipeline: Definition): Promise<void>;
  /** source -> landing, one run; nobody is woken. Answers the instant. */
  land(pipeline: Definition, instant: string, records: number): Promise<string>;
  /** landing -> topic, until nothing is left; the schedule's own relay may be at work, and is waited for. */
  relay(pipeline: Definition): Promise<void>;
  close(): Promise<void>;
}

export function handsOf({ data, platform: { ports }, credentials }: Path, source: string): Hands {
  const database = (role: 'extract' | 'relay') =>
    openDatabase(
      async () => ({ host: '127.0.0.1', port: ports.postgres, database: 'millrace', ...credentials.postgres[role] }),
      () => undefined,
    );
  const extracting = database('extract');
  const relaying = database('relay');
  const topic = kafkaTopic(kafkaClient(topicSecretOf(ports, credentials, 'relay')));
  const registry = confluentRegistry(registryUrl(ports.registry));
  const artifacts = folderArtifacts(path.join(data, 'data/artifacts'));
  const forever = () => Number.MAX_SAFE_INTEGER;
  const wake = async () => undefined;

  return {
    prepareTopic: async (pipeline) => void (await readySchemas(pipeline, registry, artifacts)),
    async land(pipeline, instant, records) {
      const signal = new AbortController().signal;
      const ports = {
        landing: postgresLanding(await extracting),
        steps: { wake },
        sourceFor: (name: string) => sourceFor(name, pipeline, { taskRoot: data, signal }),
        usualSource: source,
        remainingMs: forever,
        measure: unmeasured,
      };
      await extract(ports, pipeline, new Date(instant), { records });
      return instant;
    },
    async relay(pipeline) {
      const { schema } = await readySchemas(pipeline, registry, artifacts);
      const outbox = postgresOutbox(await relaying);
      const encode = messageEncoder(pipeline, schema);
      await until('the relay to be free', 300, async () => {
        const { busy } = await relay(pipeline, {
          ...{ outbox, topic, encode, remaining: forever, wake, measure: unmeasured },
        });
        return !busy || undefined;
      });
    },
    async close() {
      await Promise.all([extracting.then((open) => open.end()), relaying.then((open) => open.end()), topic.close()]);
    },
  };
}
