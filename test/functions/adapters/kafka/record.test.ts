import fc from 'fast-check';
import kafkajsRecord from 'kafkajs/src/protocol/recordBatch/record/v0/index.js';
import { expect, it } from 'vitest';
import { encodeRecord, type RecordToEncode } from '../../../../functions/adapters/kafka/record.ts';

const text = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const record = fc.record(
  {
    offsetDelta: fc.nat({ max: 100_000 }),
    timestampDelta: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    key: fc.option(text),
    value: fc.option(text, { nil: null }),
    headers: fc.dictionary(fc.string({ maxLength: 20 }), fc.oneof(text, fc.array(text, { maxLength: 3 }))),
  },
  { requiredKeys: ['value'] },
);

it('encodes every record to the bytes that kafkajs would make of it', () => {
  fc.assert(
    fc.property(record, (one) => {
      expect(encodeRecord(one as RecordToEncode).buffer).toEqual(kafkajsRecord(one).buffer);
    }),
    { numRuns: 500 },
  );
});

it.each([
  ['a value larger than the room there is', { value: Buffer.alloc(100_000, 7) }],
  ['a long text that is not plain', { value: 'ü'.repeat(30_000) }],
  ['a text whose last letter alone is not plain', { value: `${'a'.repeat(9000)}é` }],
  ['nothing but a value', { value: 'x' }],
  ['a null', { value: null }],
])('encodes %s', (_what, one) => {
  expect(encodeRecord(one).buffer).toEqual(kafkajsRecord(one).buffer);
});

it('keeps what it answered when the next record is encoded', () => {
  const first = encodeRecord({ value: 'first' }).buffer;
  const copy = Buffer.from(first);
  encodeRecord({ value: 'other' });
  expect(first).toEqual(copy);
});
