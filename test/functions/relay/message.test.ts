import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { messageEncoder, traceparentOf } from '../../../functions/relay/message.ts';
import { avroTypeOf } from '../../../streaming/avro.ts';
import { definePipeline, http } from '../../../streaming/definition.ts';
import { int, text, uuid } from '../../../streaming/fields.ts';
import { unframe } from '../../../streaming/framing.ts';

const source = http({ url: 'https://example.org', query: () => ({}), records: 'results', maxPage: 10 });
const keep = { landing: '7d', topic: '7d', tables: '365d' };
const schedule = { every: '1m', records: 10 };

const people = definePipeline({
  name: 'people',
  schedule,
  source,
  record: {
    id: uuid('id').key().pii('quasi'),
    name: text('name').pii('direct'),
    age: int('age').nullable().pii('quasi'),
  },
  tables: { people: { partition: ['id'] } },
  keep,
});

const row = {
  seq: 42,
  run: '2026-11-24T17:00:00Z',
  origin: 1_764_003_600_000_007,
  version: 1_764_003_600_000_007,
  payload: { id: '2b0a3a54-7a06-4d3f-a5cf-f6bd2ff41f2b', name: 'Ødegård', age: 30 },
};

describe('a message', () => {
  const { key, value, headers, partition } = messageEncoder(people, 7)(row);

  it('holds the record in its frame', () => {
    const framed = unframe(value);
    expect(framed?.schemaId).toBe(7);
    expect({ ...avroTypeOf(people).fromBuffer(framed?.payload ?? Buffer.alloc(0)) }).toEqual(row.payload);
  });

  it('says in its headers where it comes from', () => {
    expect(headers).toEqual({
      run: row.run,
      origin: '1764003600000007',
      seq: '42',
      version: '1764003600000007',
      schema: '7',
      crc: String(crc32(value.subarray(5))),
      traceparent: traceparentOf('people', row.run),
    });
  });

  it('has the header of the registry that gave the id, and a checksum of its payload alone', () => {
    const uuid = 'c3d1f0e2-3b52-4b7a-9b43-7a1f2b6d9e10';
    const message = messageEncoder(people, uuid)(row);
    expect(unframe(message.value)?.schemaId).toBe(uuid);
    expect(message.headers).toEqual({ ...headers, schema: uuid });
  });

  it('lies in the partition of its key', () => {
    expect(key.toString()).toBe(row.payload.id);
    expect(partition).toBe(crc32(key) % 3);
  });

  it('takes the default of a field that its definition gained after it landed', () => {
    const { age: _, ...older } = row.payload;
    const later = messageEncoder(people, 7)({ ...row, payload: older });
    expect(avroTypeOf(people).fromBuffer(later.value.subarray(5))).toMatchObject({ age: null });
  });

  it('is refused by name when its record does not fit, because extract would not have landed it', () => {
    expect(() => messageEncoder(people, 7)({ ...row, payload: { ...row.payload, name: 5 } })).toThrow(
      expect.objectContaining({ code: 'encode_failed', retriable: false }),
    );
  });
});

it('makes one trace of a run', () => {
  expect(traceparentOf('people', 'r1')).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  expect(traceparentOf('people', 'r1')).toBe(traceparentOf('people', 'r1'));
  expect(traceparentOf('people', 'r1')).not.toBe(traceparentOf('people', 'r2'));
});
