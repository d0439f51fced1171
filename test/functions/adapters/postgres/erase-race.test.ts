import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresErasing } from '../../../../functions/adapters/postgres/erasing.ts';
import { postgresOutbox } from '../../../../functions/adapters/postgres/relay.ts';
import { postgresLanding } from '../../../../functions/adapters/postgres/runs.ts';
import { beginning, erase } from '../../../../functions/erase/erase.ts';
import type { ErasableTable } from '../../../../functions/erase/stores.ts';
import { judgeOf } from '../../../../functions/extract/judge.ts';
import type { LandedRow } from '../../../../functions/ports.ts';
import { relay } from '../../../../functions/relay/relay.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';
import { samplePage } from '../../../../streaming/pipelines/random-users/sample.ts';
import { runName } from '../../../../streaming/schedule.ts';
import { unmeasured } from '../../measuring.ts';
import { fakeTopic } from '../../relay/fakes.ts';
import { startPostgres } from './started-postgres.ts';

/** Extracts, relays and an erase at once on a real PostgreSQL; the stream, at its worst, writes all of it afterwards. */

const { name: pipeline } = randomUsers;
const size = 10;
const writers = 3;
/** At least, and so many after the erase has ended. */
const pagesEach = 25;
const pagesAfter = 5;
const samples = (seed: string) =>
  samplePage({ seed, page: 1, size, from: '', until: '' }) as { readonly login: { readonly uuid: string } }[];
const [person] = samples('the same') as [typeof samples extends (seed: string) => (infer P)[] ? P : never];

let database: Database;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
  await database.query('insert into pipelines (name, first_instant) values ($1, now())', [pipeline]);
  await database.query('insert into relay_position (pipeline) values ($1)', [pipeline]);
});
afterAll(() => stop?.());

/** A run of one page, in which the person is one of ten. */
async function landRun(minute: number): Promise<void> {
  const instant = new Date(Date.parse('2026-11-20T00:00:00Z') + minute * 60_000);
  const run = runName(instant);
  const plan = { source: 'sample', requested: size, pageSize: size, pages: 1 };
  const ask = { seed: run, page: 1, size, from: '', until: '' };
  const records = [...samples(run).slice(1), person];
  const landing = postgresLanding(database);
  await landing.openRun(pipeline, run, instant, plan);
  await landing.landPage(judgeOf(randomUsers)({ records, last: true }, { run, instant, plan, ask, now: Date.now() }));
  await landing.closeRun(pipeline, run);
}

/** A table with Cassandra's rule: what was removed as of a time stays gone, whatever of then or before comes later. */
function lateTable() {
  const removed = new Map<string, number>();
  const table: ErasableTable = {
    name: 'users',
    isByKey: true,
    rowOf: ({ user_id: key }) => ({ key: String(key), at: [key] }),
    rowsOf: async () => [],
    scan: async () => ({ rows: [], at: null }),
    remove: async (rows, micros) => {
      for (const { key } of rows) removed.set(key, Math.max(micros, removed.get(key) ?? 0));
    },
  };
  const has = (key: string, version: number) => version > (removed.get(key) ?? 0);
  return { table, has };
}

it('Nothing of a person is left, whatever was under way, and every run balances', { timeout: 240_000 }, async () => {
  const { topic, logs } = fakeTopic();
  const { table, has } = lateTable();
  let isLanding = true;
  let isErased = false;
  const ports = {
    outbox: postgresOutbox(database),
    topic,
    encode: ({ seq, version, payload }: LandedRow) => ({
      ...{ partition: seq % 3, key: Buffer.from(String(payload['user_id'])), value: Buffer.from('x') },
      headers: { version: String(version) },
    }),
    remaining: () => 100_000,
    wake: async () => undefined,
    measure: unmeasured,
  };
  const relays = async () => {
    while (isLanding) await relay(randomUsers, ports);
  };
  const writer = async (first: number) => {
    let [page, after] = [0, 0];
    for (; page < pagesEach || after < pagesAfter; page += 1) {
      await landRun(first + page);
      if (isErased) after += 1;
    }
    return page;
  };
  const eraser = async () => {
    await expect.poll(async () => countOf('landing'), { timeout: 100_000, interval: 5 }).toBeGreaterThan(200);
    const stores = { books: postgresErasing(database, randomUsers), tables: [table], now: Date.now };
    const rest = { steps: { wake: async () => undefined }, hasTime: () => true, backupDays: undefined };
    const asked = { keys: [person.login.uuid], who: 'somebody' };
    return erase({ ...stores, ...rest }, randomUsers, asked, beginning).finally(() => {
      isErased = true;
    });
  };
  const landing = Promise.all(Array.from({ length: writers }, (_, n) => writer(n * 1440))).finally(() => {
    isLanding = false;
  });
  const [erased, , written] = await Promise.all([eraser(), relays(), landing]);
  const runs = written.reduce((sum, pages) => sum + pages, 0);
  await relay(randomUsers, ports);

  const landed = erased.erased['landing'] ?? 0;
  const rejected = await countOf("dead_letters where reason = 'suppressed' and payload is null");
  expect(landed).toBeGreaterThan(10);
  expect(rejected).toBeGreaterThan(10);
  expect(landed + rejected).toBe(runs);
  expect(await countOf(`landing where payload ->> 'user_id' = '${person.login.uuid}'`)).toBe(0);
  const late = logs.flat().filter(({ key, headers }) => has(String(key), Number(headers['version'])));
  expect(late.filter(({ key }) => String(key) === person.login.uuid)).toEqual([]);
  expect(late).toHaveLength(runs * (size - 1));
  const { rows } = await database.query(
    'select * from accounts where pending <> 0 or received <> landed + rejected or landed <> published + erased',
  );
  expect(rows).toEqual([]);
});

async function countOf(what: string): Promise<number> {
  return (await database.query<{ count: number }>(`select count(*) from ${what}`)).rows[0]?.count ?? 0;
}
