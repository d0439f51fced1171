import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { avroSchemaOf, avroTypeOf } from '../../streaming/avro.ts';
import { type Definition, definePipeline, http } from '../../streaming/definition.ts';
import * as kinds from '../../streaming/fields.ts';
import { frameEncoder, headerOf, type SchemaId, unframe } from '../../streaming/framing.ts';
import { manifestOf } from '../../streaming/manifest.ts';
import { pythonMs, runPython } from '../streaming/job/python.ts';

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

const { uuid, text, int, long, double, boolean, timestamp, decimal, list, oneOf } = kinds;

function goldenOf(name: string, record: Definition['record']) {
  const file = path.join(import.meta.dirname, `${name}.json`);
  const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;
  const [key = ''] = Object.keys(record);
  const pipeline = definePipeline({
    name,
    schedule: { every: '1m', records: 10 },
    source: http({ url: 'https://example.org', query: () => ({}), records: 'results', maxPage: 10 }),
    record: Object.fromEntries(Object.entries(record).map(([field, made]) => [field, made.pii('none')])),
    tables: { golden: { partition: [key] } },
    keep: { landing: '7d', topic: '7d', tables: '365d' },
  });
  const frames = golden.headers.flatMap((header) =>
    golden.records.map(({ what, record, payload }) => ({ ...header, what, record, value: header.bytes + payload })),
  );
  return { what: name, golden, pipeline, type: avroTypeOf(pipeline), frames };
}

const everyKind = goldenOf('every-kind', {
  a_uuid: uuid('-').key(),
  a_text: text('-'),
  a_int: int('-'),
  a_long: long('-'),
  a_double: double('-'),
  a_boolean: boolean('-'),
  a_timestamp: timestamp('-'),
  maybe_uuid: uuid('-').nullable(),
  maybe_text: text('-').nullable(),
  maybe_int: int('-').nullable(),
  maybe_long: long('-').nullable(),
  maybe_double: double('-').nullable(),
  maybe_boolean: boolean('-').nullable(),
  maybe_timestamp: timestamp('-').nullable(),
});

const laterKinds = goldenOf('later-kinds', {
  a_text: text('-').key(),
  a_price: decimal('-', 9, 2),
  a_count: decimal('-', 38, 0),
  some_texts: list(text('-')),
  some_prices: list(decimal('-', 5, 3)),
  some_times: list(timestamp('-')),
  maybe_ints: list(int('-')).nullable(),
  maybe_price: decimal('-', 9, 2).nullable(),
  a_colour: oneOf('-', ['green', 'yellow']),
  late_int: int('-').default(7),
  late_price: decimal('-', 9, 2).default('5.11'),
  late_texts: list(text('-')).default(['us']),
});

describe.each([everyKind, laterKinds])('the golden bytes of $what', ({ golden, pipeline, type, frames }) => {
  it('are of the schema that the definition makes', () => {
    expect(avroSchemaOf(pipeline)).toEqual(golden.schema);
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

  it('are read by the Spark job, which agrees about each of them', { timeout: pythonMs }, async () => {
    const { fields } = manifestOf([pipeline]).pipelines[0] ?? {};
    expect(await runPython('read-golden.py', { golden, fields })).toEqual({
      heads: golden.headers.map(({ bytes }) => bytes),
      frames: frames.map(({ schemaId, record }) => ({ schemaId, alien: null, record })),
      notFrames: golden.notFrames.map(() => 'bad_magic'),
    });
  });
});

describe('the golden bytes', () => {
  it.each(everyKind.golden.notFrames)('are no frame: $what', ({ bytes }) => {
    expect(unframe(Buffer.from(bytes, 'hex'))).toBeUndefined();
  });
});
