import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameEncoder, unframe } from '../../streaming/framing.ts';
import { partitionOf } from '../../streaming/partitioner.ts';

const type = avro.Type.forSchema({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'string' }] });

describe('A frame', () => {
  it('gives back what was framed, whatever its size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 20_000 }), { minLength: 1 }),
        fc.oneof(fc.nat(), fc.uuid()),
        (texts, id) => {
          const encode = frameEncoder(type, id);
          const frames = texts.map((a) => encode({ a }));
          for (const [index, frame] of frames.entries()) {
            const framed = unframe(frame);
            expect(framed?.schemaId).toBe(id);
            expect(type.fromBuffer(framed?.payload as Buffer)).toEqual({ a: texts[index] });
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    ['another magic byte', Buffer.from('01000000010461', 'hex')],
    ['a compressed payload', Buffer.from(`0305${'0'.repeat(32)}0461`, 'hex')],
    ['no payload', Buffer.from('0000000001', 'hex')],
    ['no payload after a UUID', Buffer.from(`0300${'0'.repeat(32)}`, 'hex')],
    ['nothing', Buffer.alloc(0)],
  ])('with %s is none', (_, value) => {
    expect(unframe(value)).toBeUndefined();
  });

  it.each(['7', '2B0A3A54-7A06-4D3F-A5CF-F6BD2FF41F2B', ''])('is not made with "%s" for an id', (id) => {
    expect(() => frameEncoder(type, id)).toThrow(/expected a number or a UUID in lower case/);
  });
});

describe('The partitioner', () => {
  it('never moves a key: these are fixed for ever', () => {
    const keys = ['a', 'b', 'c3d1f0e2-3b52-4b7a-9b43-7a1f2b6d9e10', ''];

    expect(keys.map((key) => partitionOf(Buffer.from(key), 3))).toEqual([0, 2, 0, 0]);
  });
});
