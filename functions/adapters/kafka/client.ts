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

/** MSK by IAM: TLS, and a token of its own for every connection. */
export interface TokenLogin {
  readonly brokers: readonly string[];
  readonly token: () => string;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Level 1 costs half the CPU of the default for a tenth more bytes; every consumer reads it alike. */
const fastGzip = {
  compress: ({ buffer }: { buffer: Buffer }) => compress(buffer, { level: constants.Z_BEST_SPEED }),
  decompress: (buffer: Buffer) => decompress(buffer),
};

/** A client of the cluster, quiet when idle. Retries stay well inside the relay's transaction timeout. */
export function kafkaClient(login: TopicSecret | TokenLogin): kafkajs.Kafka {
  quietIdleTimers();
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => fastGzip;
  return new kafkajs.Kafka({
    clientId: 'millrace',
    ...('token' in login ? byToken(login) : byPassword(login)),
    connectionTimeout: 5_000,
    requestTimeout: 10_000,
    // What goes wrong is thrown and logged once, by the step.
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

const byPassword = ({ brokers, user, password, ca }: TopicSecret) => ({
  brokers,
  sasl: { mechanism: 'scram-sha-512' as const, username: user, password },
  ssl: ca === undefined ? false : { ca },
  retry: { retries: 3, initialRetryTime: 200, maxRetryTime: 5_000 },
});

const byToken = ({ brokers, token }: TokenLogin) => ({
  brokers: [...brokers],
  sasl: { mechanism: 'oauthbearer' as const, oauthBearerProvider: async () => ({ value: token() }) },
  // Certificates of Amazon, which Node knows.
  ssl: true,
  // The smallest brokers take four new connections by IAM a second. With its jitter of a fifth, never sooner than 1 s.
  retry: { retries: 3, initialRetryTime: 1_500, maxRetryTime: 5_000 },
});
