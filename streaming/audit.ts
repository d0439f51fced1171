import { z } from 'zod';
import { nouns } from './nouns.ts';

/**
 * The audit topic's messages: JSON, one per value, UTF-8. One topic per pipeline with one partition, so that the dead
 * letters of a batch always come before the coverage that counts them.
 *
 *   dead      a message of the main topic that could not go on
 *   coverage  offsets that the tables have absorbed, sent after the writes and the dead letters were acknowledged
 *   started   the query of a generation is warm and reading
 *   stopped   the query will not go on by itself
 *   rebuilt   how far a rebuild of a table has come, in all
 */
export const deadMessage = z.object({
  kind: z.literal('dead'),
  pipeline: z.string(),
  /** Own record: its origin in decimal. Foreign message: topic-partition-offset. */
  identity: z.string(),
  run: z.string().nullish(),
  at: z.enum(nouns),
  reason: z.string(),
  field: z.string().nullish(),
  /** True when it failed a header check: not a message of our relay. */
  alien: z.boolean(),
  partition: z.int(),
  offset: z.int(),
  /** Own record: its allow-listed fields as a JSON object. Foreign message: its bytes in base64, cut short. */
  payload: z.unknown(),
});

export const coverageMessage = z.object({
  kind: z.literal('coverage'),
  pipeline: z.string(),
  generation: z.int(),
  ranges: z.array(
    z.object({
      partition: z.int(),
      /** Offsets [from, until). */
      from: z.int(),
      until: z.int(),
      /** How many of them died. */
      dead: z.int(),
      /** Those whose time to live had passed: ranges [from, until), not written. */
      expired: z.array(z.tuple([z.int(), z.int()])),
    }),
  ),
});

export const startedMessage = z.object({
  kind: z.literal('started'),
  pipeline: z.string(),
  generation: z.int(),
});

export const stoppedMessage = z.object({
  kind: z.literal('stopped'),
  pipeline: z.string(),
  generation: z.int(),
  reason: z.enum(['data_loss', 'failed']),
  detail: z.string(),
});

const count = z.int().nonnegative();

export const rebuiltMessage = z.object({
  kind: z.literal('rebuilt'),
  pipeline: z.string(),
  rebuild: z.int().positive(),
  replayed: count,
  stored: count,
  dead: count,
  expired: count,
});

export const auditMessage = z.discriminatedUnion('kind', [
  deadMessage,
  coverageMessage,
  startedMessage,
  stoppedMessage,
  rebuiltMessage,
]);

export type DeadMessage = z.infer<typeof deadMessage>;
export type CoverageMessage = z.infer<typeof coverageMessage>;
export type AuditMessage = z.infer<typeof auditMessage>;
