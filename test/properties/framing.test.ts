import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avroTypeOf } from '../../streaming/avro.ts';
import { frameEncoder, headerOf, unframe } from '../../streaming/framing.ts';
import { partitionOf } from '../../streaming/partitioner.ts';
import { anyPipeline, anyRecordOf } from './definitions.ts';

/** Confluent's, as far as four bytes hold them, and Glue's. */
const schemaIds = fc.oneof(fc.nat(0xffff_ffff), fc.uuid());

const recordsOfPipeline = anyPipeline.chain((pipeline) =>
  fc.record({
    pipeline: fc.constant(pipeline),
    records: fc.array(anyRecordOf(pipeline), { minLength: 1, maxLength: 5 }),
  }),
);

describe('a frame', () => {
  it('gives back any record of any definition, whatever was framed after it', () => {
    fc.assert(
      fc.property(recordsOfPipeline, schemaIds, ({ pipeline, records }, schemaId) => {
        const type = avroTypeOf(pipeline);
        const encode = frameEncoder(type, schemaId);
        const framed = records.map(encode).map(unframe);
        expect(framed.map((each) => each?.schemaId)).toEqual(records.map(() => schemaId));
        expect(framed.map((each) => ({ ...type.fromBuffer(each?.payload ?? Buffer.alloc(0)) }))).toEqual(records);
      }),
    );
  });

  it('is recognised only by its header, and read from any bytes without a throw', () => {
    const starts = fc.constantFrom([0], [1], [3], [3, 0], [3, 5]);
    fc.assert(
      fc.property(starts, fc.uint8Array({ maxLength: 24 }), (start, bytes) => {
        const value = Buffer.from([...start, ...bytes]);
        const framed = unframe(value);
        const isGlue = value[0] === 3 && value[1] === 0;
        expect(framed !== undefined).toBe((value[0] === 0 && value.length > 5) || (isGlue && value.length > 18));
        if (framed) expect(Buffer.concat([headerOf(framed.schemaId), framed.payload])).toEqual(value);
      }),
    );
  });
});

/** CRC-32 bit by bit, as its definition has it: whatever computes it in production must agree for ever. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('the partitioner', () => {
  it('answers the same partition for a key wherever its bytes lie, and always one that exists', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.nat(40),
        fc.nat(40),
        fc.integer({ min: 1, max: 100 }),
        (key, before, after, partitions) => {
          const shared = Buffer.concat([Buffer.alloc(before, 0xaa), key, Buffer.alloc(after, 0x55)]);
          const partition = partitionOf(shared.subarray(before, before + key.length), partitions);
          expect(partition).toBe(crc32(key) % partitions);
          expect(partition).toBe(partitionOf(Buffer.from(key), partitions));
        },
      ),
    );
  });
});
