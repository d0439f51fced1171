import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audit, type Findings } from '../../functions/audit/audit.ts';
import { readRecords } from '../../functions/audit/read.ts';
import { coverage, dead, record } from '../functions/audit/messages.ts';
import { unmeasured } from '../functions/measuring.ts';
import { at, ledgerOfSets } from './ledger-of-sets.ts';

const last = 24;
const partitions = [0, 1];
const cuts = fc.uniqueArray(fc.integer({ min: 1, max: last - 1 }), { maxLength: 4 });

/** What became of an offset; the stream judges alike whenever it reads again. */
const fate = fc.constantFrom<'stored' | 'stored' | 'dead' | 'alien' | 'expired'>(
  'stored',
  'stored',
  'dead',
  'alien',
  'expired',
);
const fates = fc.array(fate, { minLength: last, maxLength: last });
type Fate = typeof fate extends fc.Arbitrary<infer F> ? F : never;

/** What a generation reports of a partition whose batches end at the cuts. */
function reportsOf(partition: number, fatesAt: readonly Fate[], cutsAt: readonly number[]) {
  const ends = cutsAt.toSorted((a, b) => a - b).concat(last);
  return ends.flatMap((until, index) => {
    const from = ends[index - 1] ?? 0;
    const offsets = Array.from({ length: until - from }, (_, step) => from + step);
    const died = offsets.filter((offset) => fatesAt[offset] === 'dead' || fatesAt[offset] === 'alien');
    const expired = offsets.filter((offset) => fatesAt[offset] === 'expired');
    return [
      ...died.map((offset) => dead(partition, offset, fatesAt[offset] === 'alien')),
      coverage(
        partition,
        from,
        until,
        died.length,
        expired.map((offset) => [offset, offset + 1]),
      ),
    ];
  });
}

/** A message that the database takes for no reason of its own making, and one that nobody can read. */
const refusedMessage = { ...dead(0, 1_000_000), reason: 'refused' };
const refuses = ({ dead: letters }: Findings) => letters.some(({ reason }) => reason === 'refused');
const oddities = fc.subarray<unknown>([refusedMessage, '{', { kind: 'else' }]);

const heard = fc
  .record({
    fates: fc.tuple(fates, fates),
    cuts: fc.array(fc.tuple(cuts, cuts), { minLength: 1, maxLength: 3 }),
    oddities,
  })
  .chain((truth) => {
    const reports = truth.cuts.flatMap((generation) =>
      partitions.flatMap((partition) =>
        reportsOf(partition, truth.fates[partition] ?? [], generation[partition] ?? []),
      ),
    );
    const messages = [...reports, ...truth.oddities].map((value, offset) => record(value, offset));
    return fc.record({
      truth: fc.constant(truth),
      messages: fc.constant(messages),
      /** Everything at least once, much of it twice, in any order. */
      again: fc
        .subarray(messages)
        .chain((twice) => fc.shuffledSubarray([...messages, ...twice], { minLength: messages.length + twice.length })),
      batch: fc.integer({ min: 1, max: 20 }),
    });
  });

type Kept = ReturnType<ReturnType<typeof ledgerOfSets>['state']>;

async function stateAfter(messages: readonly ReturnType<typeof record>[], batch: number): Promise<Kept> {
  const { ledger, state } = ledgerOfSets(refuses);
  for (let start = 0; start < messages.length; start += batch) {
    await audit(readRecords({ records: { x: messages.slice(start, start + batch) } }), ledger, unmeasured);
  }
  return state();
}

const placesOf = (fatesAt: readonly (readonly Fate[])[], wanted: readonly Fate[]) =>
  new Set(
    fatesAt.flatMap((each, partition) =>
      each.flatMap((is, offset) => (wanted.includes(is) ? [at(partition, offset)] : [])),
    ),
  );

describe('the accounts', () => {
  it('end alike in any order, with any repetition and any cuts, and with messages among them that are refused', async () => {
    await fc.assert(
      fc.asyncProperty(heard, async ({ messages, again, batch }) => {
        const once = await stateAfter(messages, messages.length);
        expect(await stateAfter(again, batch)).toEqual(once);
      }),
      { numRuns: 200 },
    );
  });

  it('end at what became of each offset, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(heard, async ({ truth, again, batch }) => {
        const kept = await stateAfter(again, batch);
        const everything = placesOf(truth.fates, ['stored', 'dead', 'alien', 'expired']);
        expect(kept.covered).toEqual(everything);
        expect(kept.dead).toEqual(placesOf(truth.fates, ['dead', 'alien']));
        expect(kept.alien).toEqual(placesOf(truth.fates, ['alien']));
        expect(kept.expired).toEqual(placesOf(truth.fates, ['expired']));
        expect(kept.letters.size).toBe(kept.dead.size);
        expect(kept.unreadable.size).toBe(truth.oddities.length);
      }),
      { numRuns: 200 },
    );
  });

  it('never cover an offset whose dead letter has not come, however much else has', async () => {
    await fc.assert(
      fc.asyncProperty(heard, fc.nat(), async ({ truth, again, batch }, cut) => {
        const some = again.slice(0, cut % (again.length + 1));
        const { covered, dead: died } = await stateAfter(some, batch);
        const due = placesOf(truth.fates, ['dead', 'alien']);
        expect([...due].filter((place) => covered.has(place) && !died.has(place))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
