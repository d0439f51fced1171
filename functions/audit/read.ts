import { z } from 'zod';
import { type AuditMessage, auditMessage } from '../../streaming/audit.ts';
import { auditTopicOf } from '../../streaming/names.ts';
import { pipelineNamed } from '../../streaming/pipelines/index.ts';

/** The event of an MSK or Kafka event source mapping: base64 values by `topic-partition`. */
export const kafkaEvent = z.object({
  records: z.record(
    z.string(),
    z.array(z.object({ topic: z.string(), partition: z.int(), offset: z.int(), value: z.string().nullish() })),
  ),
});

export type KafkaRecord = z.infer<typeof kafkaEvent>['records'][string][number];

/** A message of an audit topic: understood, or kept as it came with the reason why not. */
export type Read =
  | { readonly record: KafkaRecord; readonly message: AuditMessage }
  | { readonly record: KafkaRecord; readonly unreadable: string };

export function readRecords(event: z.infer<typeof kafkaEvent>): Read[] {
  return Object.values(event.records).flatMap((records) => records.map(read));
}

function read(record: KafkaRecord): Read {
  if (record.value === null || record.value === undefined) return { record, unreadable: 'no value' };
  try {
    const message = auditMessage.parse(JSON.parse(Buffer.from(record.value, 'base64').toString(), storable));
    const problem = problemOf(record, message);
    return problem === undefined ? { record, message } : { record, unreadable: problem };
  } catch (error) {
    return { record, unreadable: error instanceof z.ZodError ? z.prettifyError(error) : String(error) };
  }
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair, and a foreign message's headers may hold both. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value;
}

function problemOf(record: KafkaRecord, message: AuditMessage): string | undefined {
  if (auditTopicOf({ name: message.pipeline }) !== record.topic)
    return `pipeline ${message.pipeline} on another's topic`;
  pipelineNamed(message.pipeline);
  if (message.kind === 'dead') return message.offset < 0 || message.partition < 0 ? 'negative offset' : undefined;
  if (message.kind !== 'coverage') return undefined;
  return message.ranges.every(isRange) ? undefined : 'a range that is none';
}

type Range = Extract<AuditMessage, { kind: 'coverage' }>['ranges'][number];

function isRange({ partition, from, until, dead, expired }: Range): boolean {
  const inside = expired.every(([start, end]) => from <= start && start < end && end <= until);
  return partition >= 0 && from >= 0 && from < until && dead >= 0 && dead <= until - from && inside;
}
