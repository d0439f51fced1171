import type { KafkaRecord } from '../../../functions/audit/read.ts';

const pipeline = 'random-users';

export const dead = (partition: number, offset: number, alien = false) => ({
  kind: 'dead' as const,
  pipeline,
  identity: alien ? `random-users.v1-${partition}-${offset}` : String(1_000_000 * (partition + 1) + offset),
  run: 'r1',
  at: 'stream' as const,
  reason: alien ? 'bad_magic' : 'email_has_at',
  field: null,
  alien,
  partition,
  offset,
  payload: alien ? 'AAAA' : { email: 'x' },
});

export const coverage = (
  partition: number,
  from: number,
  until: number,
  deadCount = 0,
  expired: [number, number][] = [],
) => ({
  kind: 'coverage' as const,
  pipeline,
  generation: 1,
  ranges: [{ partition, from, until, dead: deadCount, expired }],
});

export function record(value: unknown, offset = 0, topic = 'random-users.v1.audit'): KafkaRecord {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { topic, partition: 0, offset, value: value === null ? null : Buffer.from(text).toString('base64') };
}
