import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { avroSchemaOf, avroTypeOf } from '../../streaming/avro.ts';
import { definePipeline, http } from '../../streaming/definition.ts';
import * as kinds from '../../streaming/fields.ts';
import { frameEncoder, headerOf, type SchemaId, unframe } from '../../streaming/framing.ts';
import { runPython } from '../streaming/job/python.ts';

/**
 * Bytes that must never change, because messages with them lie on topics. They were written by hand from the
 * specifications of Avro and of the two headers, not by the code that they judge. `schema` is what the definition below
 * makes; every header may stand before every payload.
 */
interface Golden {
  readonly schema: object;
  readonly headers: readonly { readonly registry: string; readonly schemaId: SchemaId; readonly bytes: string }[];
  readonly records: readonly { readonly what: string; readonly record: object; readonly payload: string }[];
  readonly notFrames: readonly { readonly what: string; readonly bytes: string }[];
}

const file = path.join(import.meta.dirname, 'frames.json');
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;

const { uuid, text, int, long, double, boolean, timestamp } = kinds;
const everyKind = definePipeline({
  name: 'every-kind',
  schedule: { every: '1m', records: 10 },
  source: http({ url: 'https://example.org', query: () => ({}), records: 'results', maxPage: 10 }),
  record: {
    a_uuid: uuid('-').key().pii('none'),
    a_text: text('-').pii('none'),
    a_int: int('-').pii('none'),
    a_long: long('-').pii('none'),
    a_double: double('-').pii('none'),
    a_boolean: boolean('-').pii('none'),
    a_timestamp: timestamp('-').pii('none'),
    maybe_uuid: uuid('-').nullable().pii('none'),
    maybe_text: text('-').nullable().pii('none'),
    maybe_int: int('-').nullable().pii('none'),
    maybe_long: long('-').nullable().pii('none'),
    maybe_double: double('-').nullable().pii('none'),
    maybe_boolean: boolean('-').nullable().pii('none'),
    maybe_timestamp: timestamp('-').nullable().pii('none'),
  },
  tables: { every_kind: { partition: ['a_uuid'] } },
  keep: { landing: '7d', topic: '7d', tables: '365d' },
});
const type = avroTypeOf(everyKind);

const frames = golden.headers.flatMap((header) =>
  golden.records.map(({ what, record, payload }) => ({ ...header, what, record, value: header.bytes + payload })),
);

describe('the golden bytes', () => {
  it('are of a schema that holds every kind of field, with and without null', () => {
    expect(avroSchemaOf(everyKind)).toEqual(golden.schema);
  });

  it.each(golden.headers)('$bytes are the header of $registry for schema $schemaId', ({ schemaId, bytes }) => {
    expect(headerOf(schemaId).toString('hex')).toBe(bytes);
  });

  it.each(frames)('are what a record becomes: $what, under $registry $schemaId', ({ schemaId, record, value }) => {
    expect(frameEncoder(type, schemaId)(record).toString('hex')).toBe(value);
  });

  it.each(frames)('are read as the record: $what, under $registry $schemaId', ({ schemaId, record, value }) => {
    const framed = unframe(Buffer.from(value, 'hex'));
    expect(framed?.schemaId).toBe(schemaId);
    expect({ ...type.fromBuffer(framed?.payload ?? Buffer.alloc(0)) }).toEqual(record);
  });

  it.each(golden.notFrames)('are no frame: $what', ({ bytes }) => {
    expect(unframe(Buffer.from(bytes, 'hex'))).toBeUndefined();
  });
});

describe('the Spark job', () => {
  it('reads the same bytes and agrees about each of them', { timeout: 180_000 }, async () => {
    const read = await runPython('read-golden.py', { file });
    expect(read).toEqual({
      heads: golden.headers.map(({ bytes }) => bytes),
      frames: frames.map(({ schemaId, record }) => ({ schemaId, alien: null, record })),
      notFrames: golden.notFrames.map(() => 'bad_magic'),
    });
  });
});
