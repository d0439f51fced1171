import fc from 'fast-check';
import { expect, it } from 'vitest';
import { positionAfter } from '../../../functions/relay/position.ts';

const batch = fc.array(fc.record({ run: fc.constantFrom('a', 'b'), partition: fc.nat(4) }), { minLength: 1 });

it('gives every message exactly one offset, each in its own run and partition', () => {
  fc.assert(
    fc.property(batch, fc.array(fc.nat(1000), { minLength: 5, maxLength: 5 }), (sent, ends) => {
      const rows = sent.map(({ run }, index) => ({ run, seq: index + 1 }));
      const bases = new Map(sent.map(({ partition }) => [partition, ends[partition] ?? 0]));
      const { position, published } = positionAfter({ seq: 0, ends }, rows, sent, bases);
      for (const run of ['a', 'b']) {
        for (const partition of bases.keys()) {
          const mine = published.filter((range) => range.run === run && range.partition === partition);
          const size = mine.reduce((sum, { from, until }) => sum + until - from, 0);
          expect(size).toBe(sent.filter((each) => each.run === run && each.partition === partition).length);
        }
      }
      const grown = position.ends.reduce((sum, end, partition) => sum + end - (ends[partition] ?? 0), 0);
      expect(grown).toBe(sent.length);
      expect(position.seq).toBe(sent.length);
    }),
  );
});

it('joins neighbours of one run into one range and splits where the run changes', () => {
  const rows = ['a', 'a', 'b', 'a'].map((run, index) => ({ run, seq: index + 1 }));
  const messages = rows.map(() => ({ partition: 0 }));
  const { published } = positionAfter({ seq: 0, ends: [10] }, rows, messages, new Map([[0, 12]]));
  expect(published).toEqual([
    { run: 'a', partition: 0, from: 12, until: 14 },
    { run: 'b', partition: 0, from: 14, until: 15 },
    { run: 'a', partition: 0, from: 15, until: 16 },
  ]);
});
