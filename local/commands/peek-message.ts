import { isUtf8 } from 'node:buffer';
import type avro from 'avsc';
import { type SchemaId, unframe } from '../../streaming/framing.ts';

/** A message as Kafka gives it. */
export interface RawMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

/** What a value holds; or its bytes, and why they say nothing. */
export type Decoded = { readonly value: unknown } | { readonly hex: string; readonly reason: string };

export type SchemaOf = (id: SchemaId) => Promise<avro.Type>;

/** Decodes a value by the schema its frame names; one of an audit topic is JSON. */
export async function decode(value: Buffer | null, isAudit: boolean, schemaOf: SchemaOf): Promise<Decoded> {
  if (value === null) return { value: null };
  try {
    return { value: isAudit ? JSON.parse(value.toString('utf8')) : await unframed(value, schemaOf) };
  } catch (error) {
    return { hex: value.toString('hex'), reason: error instanceof Error ? error.message : String(error) };
  }
}

async function unframed(value: Buffer, schemaOf: SchemaOf): Promise<unknown> {
  const framed = unframe(value);
  if (framed === undefined) throw new RangeError('expected the header of a registry with a schema id, and a payload');
  return (await schemaOf(framed.schemaId)).fromBuffer(framed.payload);
}

/** A message as a program reads it. */
export function messageJson(topic: string, partition: number, message: RawMessage, decoded: Decoded) {
  const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, textOf(value)]);
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: new Date(Number(message.timestamp)).toISOString(),
    key: textOf(message.key),
    headers: Object.fromEntries(headers),
    ...decoded,
  };
}

const shownHexDigits = 400;

/** The same as a person reads it. All text is quoted as JSON: a foreign message could hold codes of the terminal. */
export function messageLines(message: ReturnType<typeof messageJson>): string {
  const { partition, offset, timestamp, key, headers } = message;
  const content = 'hex' in message ? undecoded(message) : JSON.stringify(message.value);
  return `${partition}:${offset}  ${timestamp}  key ${JSON.stringify(key)}\n  ${JSON.stringify(headers)}\n  ${content}`;
}

function undecoded({ hex, reason }: { hex: string; reason: string }): string {
  const rest = hex.length > shownHexDigits ? `... (${hex.length / 2} bytes)` : '';
  return `not decoded: ${JSON.stringify(reason)}\n  0x${hex.slice(0, shownHexDigits)}${rest}`;
}

function textOf(value: Buffer | string | (Buffer | string)[] | null | undefined): unknown {
  if (Array.isArray(value)) return value.map(textOf);
  if (!Buffer.isBuffer(value)) return value ?? null;
  return isUtf8(value) ? value.toString('utf8') : `0x${value.toString('hex')}`;
}

/** Where to begin: an offset that a partition does not hold is moved to the nearest that it does. */
export function startOffset(from: string, { low, high }: { low: number; high: number }): number {
  if (from === 'beginning') return low;
  if (from === 'end') return high;
  return Math.min(Math.max(Number(from), low), high);
}
