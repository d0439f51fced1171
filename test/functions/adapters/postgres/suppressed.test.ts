import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresErasing } from '../../../../functions/adapters/postgres/erasing.ts';
import { postgresRedrives } from '../../../../functions/adapters/postgres/redrive.ts';
import { landRows } from '../../../../functions/adapters/postgres/redrive-rows.ts';
import { postgresLanding } from '../../../../functions/adapters/postgres/runs.ts';
import { hashOf, suppressionOf } from '../../../../functions/adapters/postgres/suppressed.ts';
import { judgeOf } from '../../../../functions/extract/judge.ts';
import { keyReaderOf } from '../../../../streaming/keys.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';
import { samplePage } from '../../../../streaming/pipelines/random-users/sample.ts';
import { plantLetters } from './planted-letters.ts';
import { startPostgres } from './started-postgres.ts';

/** What is suppressed lands by no way: of the page of a run, of a redrive, of a repair. */

const pipeline = 'random-users';
const instant = new Date('2026-11-24T17:00:00Z');
const run = '2026-11-24T17:00:00Z';
const records = samplePage({ seed: 's', page: 1, size: 5, from: '', until: '' }) as Sampled[];
const [person, other] = records.map(({ login }) => login.uuid) as [string, string];
const keyOf = keyReaderOf(randomUsers);

interface Sampled {
  readonly login: { readonly uuid: string };
}

let database: Database;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
});
beforeEach(async () => {
  await database.query('truncate landing, pages, runs, dead_letters, operations, suppressed, pipelines');
  await database.query('insert into pipelines (name, first_instant) values ($1, now())', [pipeline]);
});
afterAll(() => stop?.());

const books = () => postgresErasing(database, randomUsers);
const select = async (text: string) => (await database.query<Record<string, unknown>>(text)).rows;

function pageOf(answer: readonly unknown[], page = 1) {
  const plan = { source: 'sample', requested: 10, pageSize: 5, pages: 2 };
  const ask = { seed: 's', page, size: 5, from: '', until: '' };
  return judgeOf(randomUsers)({ records: answer, last: false }, { run, instant, plan, ask, now: Date.now() });
}

describe('The list of suppressed keys', () => {
  it('holds HMACs, of which nobody can tell a key, and of one pipeline only', async () => {
    await books().suppress([person], 'somebody');
    const secret = (await select('select secret from suppression_secret'))[0]?.['secret'] as Buffer;
    expect(secret).toHaveLength(32);
    expect(await select('select pipeline, key_hash from suppressed')).toEqual([
      { pipeline, key_hash: hashOf(secret, pipeline, person) },
    ]);
    expect(hashOf(secret, 'another', person)).not.toEqual(hashOf(secret, pipeline, person));
    expect(await suppressionOf(database, 'another')).toBeUndefined();
  });

  it('knows those on it, since when the first erase was', async () => {
    await books().suppress([person], 'somebody');
    const first = await books().suppressed([person, other]);
    expect([...first.keys()]).toEqual([person]);
    await books().suppress([person], 'somebody else');
    expect(await books().suppressed([person])).toEqual(first);
  });

  it('keeps who asked, and how many keys, and no key', async () => {
    const operation = await books().suppress([person, other], 'somebody');
    await books().note(operation, { done: true });
    expect(await select('select verb, who, asked, answer from operations')).toEqual([
      { verb: 'erase', who: 'somebody', asked: { keys: 2 }, answer: { done: true } },
    ]);
  });
});

describe('A page of a run', () => {
  it('lands without suppressed records: they are rejected, and nothing of them is kept', async () => {
    await books().suppress([person], 'somebody');
    await postgresLanding(database).openRun(pipeline, run, instant, {
      source: 's',
      requested: 10,
      pageSize: 5,
      pages: 2,
    });
    expect(await postgresLanding(database).landPage(pageOf(records))).toEqual({ landed: 4, rejected: 1 });
    expect(await select('select received, landed, rejected from pages')).toEqual([
      { received: 5, landed: 4, rejected: 1 },
    ]);
    expect(await select('select identity, run, at, reason, field, payload, state from dead_letters')).toEqual([
      {
        ...{ identity: String(instant.getTime() * 1000), run, at: 'source', reason: 'suppressed', field: null },
        ...{ payload: null, state: 'erased' },
      },
    ]);
    expect(await select(`select from landing where payload ->> 'user_id' = '${person}'`)).toEqual([]);
  });

  it('keeps nothing of a bad record either, however its key is written', async () => {
    await books().suppress([person], 'somebody');
    const [first, ...rest] = records;
    const bad = { ...first, login: { uuid: person.toUpperCase() }, dob: { date: 'yesterday' } };
    await postgresLanding(database).landPage(pageOf([bad, ...rest]));
    expect(await select('select reason, payload from dead_letters')).toEqual([{ reason: 'suppressed', payload: null }]);
  });

  it('lands as it is when no key of it is suppressed', async () => {
    await books().suppress(['00000000-0000-4000-8000-000000000000'], 'somebody');
    await postgresLanding(database).landPage(pageOf(records));
    expect(await select('select landed, rejected from pages')).toEqual([{ landed: 5, rejected: 0 }]);
  });
});

it('A redrive does not land a suppressed record: it dies again', async () => {
  await plantLetters(database, 1, { at: 'stream', payload: { user_id: person } }, 1001);
  await plantLetters(database, 1, { at: 'stream', payload: { user_id: other } }, 1002);
  await books().suppress([person], 'somebody');
  const redrives = postgresRedrives(database);
  await redrives.begin(pipeline, 'redrive:a', 'somebody', {
    filter: { at: 'stream' },
    parked: false,
    limit: 9,
    rate: 9,
  });
  const page = await redrives.page(pipeline, 'redrive:a', { size: 9, left: 9, keyOf }, ({ identity, payload }) => ({
    do: 'land',
    row: { origin: Number(identity), version: 1, payload: payload as Record<string, string> },
  }));
  expect(page.progress).toMatchObject({ landed: 1, rejected: 1 });
  expect(await select('select identity, reason from dead_letters order by identity')).toEqual([
    { identity: '1001', reason: 'suppressed' },
    { identity: '1002', reason: 'missing' },
  ]);
  expect(await select("select payload ->> 'user_id' as key from landing")).toEqual([{ key: other }]);
});

it('A repair lands neither suppressed rows nor those that were erased', async () => {
  await postgresLanding(database).landPage(pageOf(records));
  const seqs = (await select('select seq from landing order by seq')).map(({ seq }) => Number(seq));
  await database.query("update landing set payload = '{}' where seq = $1", [seqs[2]]);
  await books().suppress([person], 'somebody');
  expect(await landRows(database, { pipeline, run: 'redrive:r', who: 'somebody', seqs, keyOf })).toBe(3);
  expect(await select(`select from landing where run = 'redrive:r' and payload ->> 'user_id' = '${person}'`)).toEqual(
    [],
  );
});
