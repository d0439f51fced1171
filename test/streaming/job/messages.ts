import { crc32 } from 'node:zlib';
import { avroTypeOf } from '../../../streaming/avro.ts';
import type { Definition, PipelineRecord } from '../../../streaming/definition.ts';
import { frameEncoder } from '../../../streaming/framing.ts';

/** A message of the topic, as the scripts beside this file take it. */
export interface Message {
  key: string | null;
  value: string | null;
  headers: [name: string, value: string][];
  partition: number;
  offset: number;
  sentMs: number;
}

export interface Parts {
  key?: Buffer | null;
  value?: Buffer | null;
  headers?: Record<string, string | undefined>;
  more?: [string, string][];
}

/** Makes messages like the relay's, but for the parts that a case spoils. */
export function messageMaker(pipeline: Definition, schemaId: number, sentMs: number) {
  const encode = frameEncoder(avroTypeOf(pipeline), schemaId);
  const keyName = Object.keys(pipeline.record).find((name) => pipeline.record[name]?.isKey) ?? '';
  return (record: PipelineRecord, offset: number, spoiled: Parts = {}): Message => {
    const value = spoiled.value === undefined ? encode(record) : spoiled.value;
    const key = spoiled.key === undefined ? Buffer.from(String(record[keyName])) : spoiled.key;
    const origin = String(sentMs * 1000 + offset);
    const headers = {
      run: 'a-run',
      origin,
      seq: '1',
      version: origin,
      schema: String(schemaId),
      crc: crcOf(encode(record)),
    };
    const kept = Object.entries({ ...headers, ...spoiled.headers }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return {
      key: key?.toString('base64') ?? null,
      value: value?.toString('base64') ?? null,
      headers: [...kept, ...(spoiled.more ?? [])],
      partition: 0,
      offset,
      sentMs,
    };
  };
}

export const crcOf = (value: Buffer): string => String(crc32(value.subarray(5)));
