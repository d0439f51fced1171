import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LandedRow } from '../../functions/ports.ts';
import { relay } from '../../functions/relay/relay.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';
import { message, row } from '../functions/relay/fakes.ts';
import { crashingRelay, Killed } from './crashing-relay.ts';

const history = fc.record({
  /** Run and partition of each row, in the order of landing. */
  landed: fc.array(fc.record({ run: fc.constantFrom('r1', 'r2', 'r3'), partition: fc.nat(2) }), { maxLength: 25 }),
  batchRows: fc.integer({ min: 1, max: 6 }),
  /** Steps that each relay takes before it dies. */
  lives: fc.array(fc.nat(25), { maxLength: 8 }),
  /** How many rows are there before the first relay; the others land one by one, after each death. */
  early: fc.nat(25),
});

/** Runs relays, one after the death of the other, until one comes to its end with every row landed. */
async function relayedUntilDone({
  landed,
  batchRows,
  lives,
  early,
}: typeof history extends fc.Arbitrary<infer H> ? H : never) {
  const all = landed.map(({ run }, index) => row(index + 1, run));
  const rows = all.slice(0, early);
  const encode = (of: LandedRow) => ({ ...message(of), partition: landed[of.seq - 1]?.partition ?? 0 });
  const crashing = crashingRelay(rows, { batchRows, lives, encode });
  for (;;) {
    const isDone = await relay(randomUsers, crashing.ports).then(({ done }) => done, notKilled);
    if (isDone && rows.length === all.length) return { ...crashing, all };
    rows.push(...all.slice(rows.length, rows.length + 1));
  }
}

function notKilled(error: unknown): false {
  if (error instanceof Killed) return false;
  throw error;
}

it('ends, wherever relays died, with each landed row at exactly one offset of its run and partition, in order', async () => {
  let deaths = 0;
  await fc.assert(
    fc.asyncProperty(history, async (given) => {
      const { state, logs, all, kills } = await relayedUntilDone(given);
      deaths += kills();
      const seqAt = (partition: number, offset: number) => Number(logs[partition]?.[offset]?.headers['seq']);
      const published = state.published.flatMap(({ run, partition, from, until }) =>
        Array.from({ length: until - from }, (_, index) => ({ run, partition, seq: seqAt(partition, from + index) })),
      );
      const landed = given.landed.map(({ run, partition }, index) => ({ run, partition, seq: index + 1 }));
      // The position moves with what it published, so the ranges are on file in the order of the offsets.
      for (const partition of [0, 1, 2]) {
        const here = (each: { partition: number }) => each.partition === partition;
        expect(published.filter(here)).toEqual(landed.filter(here));
      }
      expect(state.position.seq).toBe(all.length);
    }),
    { numRuns: 500 },
  );
  expect(deaths).toBeGreaterThan(500);
});

it('sends again at most one batch for each death, and never a row before an earlier one of its partition', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (given) => {
      const { logs, all, kills } = await relayedUntilDone(given);
      expect(logs.flat().length - all.length).toBeLessThanOrEqual(kills() * given.batchRows);
      for (const log of logs) {
        const first = [...new Set(log.map(({ headers }) => Number(headers['seq'])))];
        expect(first).toEqual(first.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 500 },
  );
});
