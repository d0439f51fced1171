import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresLedger } from '../../../../functions/adapters/postgres/audit.ts';
import { type Database, openDatabase } from '../../../../functions/adapters/postgres/connection.ts';
import { audit, type Ledger } from '../../../../functions/audit/audit.ts';
import { readRecords } from '../../../../functions/audit/read.ts';
import type { Measure } from '../../../../functions/metrics.ts';
import { coverage, dead, record } from '../../audit/messages.ts';
import { measuring, unmeasured } from '../../measuring.ts';
import { startPostgres } from './started-postgres.ts';

let database: Database;
let ledger: Ledger;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
  ledger = postgresLedger(database);
});
beforeEach(async () => {
  await database.query(
    'truncate coverage, coverage_reports, dead_letters, unreadable_audit, pipelines, job_generations',
  );
  await database.query("insert into pipelines (name, first_instant) values ('random-users', now())");
});
afterAll(() => stop());

let offset = 0;
const hear = (...messages: unknown[]) => hearMeasured(unmeasured, ...messages);
const hearMeasured = (measure: Measure, ...messages: unknown[]) =>
  audit(readRecords({ records: { x: messages.map((message) => record(message, offset++)) } }), ledger, measure);

async function onFile() {
  const sets = await database.query(
    'select partition, covered, dead, alien, expired, covered_prefix(covered) as prefix from coverage order by partition',
  );
  const letters = await database.query('select identity, run, reason, attempts from dead_letters order by identity');
  return { sets: sets.rows, letters: letters.rows };
}

const last = 40;
const cuts = fc.uniqueArray(fc.integer({ min: 1, max: last - 1 }), { maxLength: 5 });

/** What a stream reports of offsets 0 to 40 when its batches end at the given cuts. */
function reportsOf(cutsAt: readonly number[], deadAt: readonly number[]) {
  const ends = [...cutsAt].sort((a, b) => a - b).concat(last);
  return ends.flatMap((until, index) => {
    const from = ends[index - 1] ?? 0;
    const died = deadAt.filter((at) => at >= from && at < until);
    return [...died.map((at) => dead(0, at, at % 3 === 0)), coverage(0, from, until, died.length)];
  });
}

describe('the ledger', () => {
  it('measures what is new: nothing twice, however often it is told', async () => {
    const batch = [dead(0, 3, false), coverage(0, 0, 10, 1), coverage(1, 0, 5, 0)];
    const first = measuring();
    await hearMeasured(first.measure, ...batch);
    expect(first.taken()).toEqual({ 'random-users': { RecordsCovered: 15, DeadLetters: 1 } });
    const again = measuring();
    await hearMeasured(again.measure, ...batch, coverage(0, 5, 12, 0));
    expect(again.taken()).toEqual({ 'random-users': { RecordsCovered: 2, DeadLetters: 0 } });
  });

  it('ends in the same state under replay, other orders, and batches cut elsewhere', async () => {
    const history = fc
      .tuple(fc.uniqueArray(fc.nat(last - 1), { maxLength: 6 }), cuts, cuts)
      .map(([deadAt, first, second]) => [...reportsOf(first, deadAt), ...reportsOf(second, deadAt)]);
    const anyOrder = history.chain((messages) =>
      fc.tuple(
        fc.constant(messages),
        fc.shuffledSubarray([...messages, ...messages], { minLength: 2 * messages.length }),
        fc.integer({ min: 1, max: 9 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(anyOrder, async ([messages, shuffled, batch]) => {
        await database.query('truncate coverage, coverage_reports, dead_letters');
        await hear(...messages);
        const once = await onFile();
        await database.query('truncate coverage, coverage_reports, dead_letters');
        for (let at = 0; at < shuffled.length; at += batch) await hear(...shuffled.slice(at, at + batch));
        expect(await onFile()).toEqual(once);
        expect(once.sets).toMatchObject([{ covered: `{[0,${last})}`, prefix: last }]);
      }),
      { numRuns: 30 },
    );
  });

  it('counts a report only once the dead letters that it declares are on file', async () => {
    await hear(coverage(0, 0, 10, 1));
    expect((await onFile()).sets).toMatchObject([{ covered: '{}', prefix: 0 }]);
    await hear(dead(0, 3));
    expect((await onFile()).sets).toMatchObject([{ covered: '{[0,10)}', dead: '{[3,4)}', prefix: 10 }]);
  });

  it('counts a report of a later generation that judges an offset better than an earlier one did', async () => {
    await hear(dead(0, 3), coverage(0, 0, 10, 0));
    expect((await onFile()).sets).toMatchObject([{ prefix: 10 }]);
  });

  it('has a prefix that ends at the first gap', async () => {
    await hear(coverage(0, 0, 4), coverage(0, 6, 9));
    expect((await onFile()).sets).toMatchObject([{ covered: '{[0,4),[6,9)}', prefix: 4 }]);
  });

  it('unites what was expired at one time and at another', async () => {
    await hear(coverage(0, 0, 9, 0, [[2, 4]]));
    await hear(coverage(0, 0, 9, 0, [[3, 6]]));
    await hear(coverage(0, 0, 9, 0));
    expect((await onFile()).sets).toMatchObject([{ expired: '{[2,6)}' }]);
  });

  it('keeps what PostgreSQL refuses as it came, and all the rest of its batch', async () => {
    expect(await hear(coverage(0, 0, 4), coverage(5_000_000_000, 0, 4), dead(0, 7))).toMatchObject({
      reports: 1,
      dead: 1,
      unreadable: 1,
    });
    const { rows } = await database.query('select reason from unreadable_audit');
    expect(rows).toEqual([{ reason: expect.stringContaining('out of range') }]);
  });

  it('fails, to be tried again, when PostgreSQL cannot be reached', async () => {
    const secret = { host: '127.0.0.1', port: 1, database: 'x', user: 'x', password: 'x' };
    const gone = await openDatabase(
      async () => secret,
      () => undefined,
    );
    const reads = readRecords({ records: { x: [record(dead(0, 1))] } });
    await expect(audit(reads, postgresLedger(gone), unmeasured)).rejects.toMatchObject({
      code: 'landing_unavailable',
      retriable: true,
    });
    await gone.end();
  });
});

describe('what the stream says of itself', () => {
  const started = (generation: number) => ({ kind: 'started', pipeline: 'random-users', generation });
  const lost = (generation: number) => ({
    ...{ kind: 'stopped', pipeline: 'random-users', generation },
    ...{ reason: 'data_loss', detail: 'offsets are gone' },
  });
  const pipeline = async () => (await database.query('select running_generation, data_loss from pipelines')).rows[0];

  it('marks the newest generation that reads, whatever is heard late', async () => {
    await hear(started(4));
    await hear(started(3));
    expect(await pipeline()).toEqual({ running_generation: 4, data_loss: null });
  });

  it('marks a loss, and that nothing reads', async () => {
    await hear(started(4), lost(4));
    expect(await pipeline()).toEqual({
      running_generation: null,
      data_loss: { reason: 'reported', generation: 4, detail: 'offsets are gone' },
    });
  });

  it('does not believe an older generation, whose loss an operator may have accepted', async () => {
    await database.query("insert into job_generations (generation, version, starting_offsets) values (5, 'v', '{}')");
    await hear(lost(4));
    expect(await pipeline()).toMatchObject({ data_loss: null });
  });
});
