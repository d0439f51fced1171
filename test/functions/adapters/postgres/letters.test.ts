import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresLedger } from '../../../../functions/adapters/postgres/audit.ts';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresBooks } from '../../../../functions/adapters/postgres/inspect.ts';
import { closeRedrives, mostAttempts } from '../../../../functions/adapters/postgres/letters.ts';
import { audit } from '../../../../functions/audit/audit.ts';
import { readRecords } from '../../../../functions/audit/read.ts';
import { type Asked, question } from '../../../../functions/inspect/questions.ts';
import { coverage, dead, record } from '../../audit/messages.ts';
import { measuring } from '../../measuring.ts';
import { startPostgres } from './started-postgres.ts';

const pipeline = 'random-users';

let database: Database;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
});
beforeEach(async () => {
  await database.query('truncate coverage, coverage_reports, dead_letters, published, pages, runs, pipelines');
  await database.query('insert into pipelines (name, first_instant) values ($1, now())', [pipeline]);
});
afterAll(() => stop());

interface Planted {
  readonly identity: string;
  readonly state?: string;
  readonly redrive?: string | null;
  readonly attempts?: number;
  readonly at?: string;
  readonly reason?: string;
  readonly run?: string | null;
  readonly died_at?: string;
  readonly payload?: unknown;
}

const plant = (...letters: readonly Planted[]) =>
  database.query(
    `insert into dead_letters (pipeline, identity, run, at, reason, payload, attempts, state, redrive, died_at)
     select $1, identity, run, at, reason, payload, attempts, state, redrive, died_at
     from jsonb_to_recordset($2) as x(identity text, run text, at text, reason text, payload jsonb, attempts int,
       state text, redrive text, died_at timestamptz)`,
    [
      pipeline,
      JSON.stringify(
        letters.map((letter) => ({
          ...{ run: 'r1', at: 'stream', reason: 'quality:x', attempts: 1, state: 'open' },
          ...{ died_at: '2026-11-24T17:00:00Z', ...letter },
        })),
      ),
    ],
  );

const letter = async (identity: string) =>
  (
    await database.query('select run, at, reason, state, attempts, "offset" from letters where identity = $1', [
      identity,
    ])
  ).rows[0];

/** A redrive of one record that took an offset of partition 0. */
async function redrive(run: string, offset: number, { closed = true, published = true } = {}): Promise<void> {
  await database.query(
    `insert into runs (pipeline, run, source, requested, page_size, closed_at)
     values ($1, $2, 'dead_letters', 0, 1000, case when $3 then now() end)`,
    [pipeline, run, closed],
  );
  await database.query(
    `insert into pages (pipeline, run, page, received, landed, rejected, rows) values ($1, $2, 1, 1, 1, 0, 'empty')`,
    [pipeline, run],
  );
  if (!published) return;
  await database.query(
    `insert into published (pipeline, run, partition, offsets) values ($1, $2, 0, int8multirange(int8range($3::bigint, $3::bigint + 1)))`,
    [pipeline, run, offset],
  );
}

let at = 0;
const { measure, taken } = measuring();
const hear = (...messages: unknown[]) =>
  audit(readRecords({ records: { x: messages.map((one) => record(one, at++)) } }), postgresLedger(database), measure);
const death = (identity: string, offset: number, run: string) => ({ ...dead(0, offset), identity, run });

describe('A letter that a redrive has taken', () => {
  beforeEach(() => plant({ identity: '7', state: 'redriving', redrive: 'redrive:a', attempts: 2 }));

  it('is open again when it dies again, as the same letter of its old run', async () => {
    await hear(death('7', 5, 'redrive:a'));
    expect(await letter('7')).toEqual({
      ...{ run: 'r1', at: 'stream', reason: 'email_has_at' },
      ...{ state: 'open', attempts: 3, offset: 5 },
    });
    expect(taken()).toMatchObject({ [pipeline]: { DeadLetters: 1 } });
  });

  it('counts one death once, however often it is told', async () => {
    await hear(death('7', 5, 'redrive:a'), death('7', 5, 'redrive:a'));
    await hear(death('7', 5, 'redrive:a'));
    expect(await letter('7')).toMatchObject({ state: 'open', attempts: 3 });
  });

  it('does not heed what is told again of an older run, in one batch with the news or without', async () => {
    await hear(death('7', 1, 'r1'));
    expect(await letter('7')).toMatchObject({ state: 'redriving', attempts: 2 });
    await hear(death('7', 1, 'r1'), death('7', 5, 'redrive:a'), death('7', 1, 'r1'));
    expect(await letter('7')).toMatchObject({ state: 'open', attempts: 3, offset: 5 });
  });

  it.each([
    ['open', mostAttempts - 2],
    ['parked', mostAttempts - 1],
    ['parked', mostAttempts],
  ])('is %s after one death more than %i', async (state, attempts) => {
    await database.query('update dead_letters set attempts = $1', [attempts]);
    await hear(death('7', 5, 'redrive:a'));
    expect(await letter('7')).toMatchObject({ state, attempts: attempts + 1 });
  });

  it.each([
    ['waits for the relay', { published: false }, [], 'redriving'],
    ['is on the topic', {}, [], 'redriving'],
    ['is in the tables, while its redrive goes on', { closed: false }, [coverage(0, 0, 9)], 'redriving'],
    ['is in the tables', {}, [coverage(0, 0, 9)], 'stored'],
    ['died again', {}, [death('7', 5, 'redrive:a'), coverage(0, 0, 9, 1)], 'open'],
  ])('that %s: %j', async (_where, of, reports, state) => {
    await redrive('redrive:a', 5, of);
    await hear(...reports);
    expect(await letter('7')).toMatchObject({ state });
    await closeRedrives(database, pipeline);
    expect((await database.query('select state from dead_letters')).rows).toEqual([{ state }]);
  });
});

describe('The list', () => {
  const ask = (asked: object) =>
    postgresBooks(database).dead(question.parse({ question: 'dead', pipeline, ...asked }) as Asked<'dead'>);
  const listed = async (asked: object) => (await ask(asked)).letters.map(({ identity }) => identity);

  it.each<[string, object, string[]]>([
    ['all, the newest first', {}, ['3', '2', '1']],
    ['those of a noun', { at: 'source' }, ['1']],
    ['those of a reason', { reason: 'quality:y' }, ['2']],
    ['those of a run', { run: 'r2' }, ['2']],
    ['those of a state', { state: 'parked' }, ['3']],
    ['those that are named', { identities: ['1', '3', '9'] }, ['3', '1']],
    ['those since a time', { since: '2026-11-24T17:02:00Z' }, ['3', '2']],
    ['those before a time', { until: '2026-11-24T17:02:00Z' }, ['1']],
    ['those that all of it fits', { since: '2026-11-24T17:02:00Z', state: 'open' }, ['2']],
    ['none of what does not go together', { at: 'source', reason: 'quality:y' }, []],
  ])('holds %s', async (_what, asked, expected) => {
    await plant(
      { identity: '1', at: 'source', died_at: '2026-11-24T17:01:00Z' },
      { identity: '2', run: 'r2', reason: 'quality:y', died_at: '2026-11-24T17:02:00Z' },
      { identity: '3', state: 'parked', died_at: '2026-11-24T17:03:00Z' },
    );
    expect(await listed(asked)).toEqual(expected);
  });

  it('goes on where it ended, through letters that died in the same moment', async () => {
    const all = Array.from({ length: 25 }, (_, index) => String(100 + index));
    await plant(...all.map((identity) => ({ identity, died_at: '2026-11-24T17:00:00.123457Z' })));
    const seen: string[] = [];
    let after: string | null | undefined;
    for (let answers = 0; after !== null; answers += 1) {
      const { letters, next } = await ask({ limit: 10, after: after ?? undefined });
      seen.push(...letters.map(({ identity }) => identity));
      after = next;
      expect(answers).toBeLessThan(4);
    }
    expect(seen).toEqual([...all].reverse());
  });

  it('ends early when the letters are large, so that an answer fits an invocation', async () => {
    const payload = { text: 'x'.repeat(60_000) };
    await plant(...Array.from({ length: 100 }, (_, index) => ({ identity: String(100 + index), payload })));
    const { letters, next } = await ask({ limit: 500 });
    expect(letters.length).toBeGreaterThan(50);
    expect(JSON.stringify(letters).length).toBeLessThan(6_000_000);
    const rest = await ask({ limit: 500, after: next });
    expect([letters.length + rest.letters.length, rest.next]).toEqual([100, null]);
  });

  it('is counted by the status without what has been stored since', async () => {
    await plant({ identity: '1', state: 'stored' }, { identity: '2' }, { identity: '3', state: 'parked' });
    expect((await postgresBooks(database).status(pipeline))?.dead).toEqual([
      { at: 'stream', reason: 'quality:x', count: 2 },
    ]);
  });
});
