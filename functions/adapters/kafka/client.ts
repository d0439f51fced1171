import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import kafkajs from 'kafkajs';
import { z } from 'zod';
import { quietIdleTimers } from './quiet-idle.ts';

export const topicSecret = z.object({
  brokers: z.union([z.array(z.string()), z.string().transform((list) => list.split(','))]),
  user: z.string(),
  password: z.string(),
  /** Certificate of the brokers' authority; without it the connection is not encrypted (loopback). */
  ca: z.string().optional(),
});

export type TopicSecret = z.infer<typeof topicSecret>;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Level 1 costs half the CPU of the default for a tenth more bytes; every consumer reads it alike. */
const fastGzip = {
  compress: ({ buffer }: { buffer: Buffer }) => compress(buffer, { level: constants.Z_BEST_SPEED }),
  decompress: (buffer: Buffer) => decompress(buffer),
};

/** A client of the cluster: SASL/SCRAM, quiet when idle. Retries stay well inside the relay's transaction timeout. */
export function kafkaClient({ brokers, user, password, ca }: TopicSecret): kafkajs.Kafka {
  quietIdleTimers();
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => fastGzip;
  return new kafkajs.Kafka({
    clientId: 'millrace',
    brokers,
    sasl: { mechanism: 'scram-sha-512', username: user, password },
    ssl: ca === undefined ? false : { ca },
    connectionTimeout: 5_000,
    requestTimeout: 10_000,
    retry: { retries: 3, initialRetryTime: 200, maxRetryTime: 5_000 },
    // What goes wrong is thrown and logged once, by the step.
    logLevel: kafkajs.logLevel.NOTHING,
  });
}
