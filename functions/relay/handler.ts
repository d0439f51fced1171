import { z } from 'zod';
import { avroSchemaOf } from '../../streaming/avro.ts';
import type { Definition } from '../../streaming/definition.ts';
import { subjectOf } from '../../streaming/names.ts';
import { pipelineNamed } from '../../streaming/pipelines/index.ts';
import { lambdaSteps } from '../adapters/aws/steps.ts';
import { postgresOutbox } from '../adapters/postgres/relay.ts';
import { registryFor } from '../adapters/registry/registry.ts';
import { clientsOf } from '../clients.ts';
import { stepHandler } from '../step.ts';
import { topicClient } from '../topic-client.ts';
import { type MessageEncoder, messageEncoder } from './message.ts';
import { relay } from './relay.ts';

const clients = clientsOf();
const steps = lambdaSteps(clients.env.FUNCTION_PREFIX);
const topic = topicClient(clients);
const encoders = new Map<string, MessageEncoder>();

export const handler = stepHandler('relay', z.object({ pipeline: z.string() }), async (event, context, measure) => {
  const pipeline = pipelineNamed(event.pipeline);
  return relay(pipeline, {
    outbox: postgresOutbox(await clients.database()),
    topic: await topic(),
    encode: await encoderOf(pipeline),
    remaining: () => context.getRemainingTimeInMillis(),
    wake: () => steps.wake('relay', { pipeline: pipeline.name }),
    measure,
  });
});

/** The schema's id is asked for once per process. */
async function encoderOf(pipeline: Definition): Promise<MessageEncoder> {
  const known = encoders.get(pipeline.name);
  if (known) return known;
  const registry = registryFor(clients.env);
  const encoder = messageEncoder(pipeline, await registry.register(subjectOf(pipeline), avroSchemaOf(pipeline)));
  encoders.set(pipeline.name, encoder);
  return encoder;
}
