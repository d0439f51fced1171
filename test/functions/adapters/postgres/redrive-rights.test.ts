import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresLedger } from '../../../../functions/adapters/postgres/audit.ts';
import { type Database, openDatabase } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresBooks } from '../../../../functions/adapters/postgres/inspect.ts';
import { postgresRedrives } from '../../../../functions/adapters/postgres/redrive.ts';
import { giveLandingRights } from '../../../../functions/adapters/postgres/rights.ts';
import { postgresLanding } from '../../../../functions/adapters/postgres/runs.ts';
import { audit } from '../../../../functions/audit/audit.ts';
import { readRecords } from '../../../../functions/audit/read.ts';
import type { Asked } from '../../../../functions/redrive/redrives.ts';
import { type RoleName, rolesOn, userOf } from '../../../../functions/roles.ts';
import { dead, record } from '../../audit/messages.ts';
import { unmeasured } from '../../measuring.ts';
import { pipeline, plantLetters } from './planted-letters.ts';
import { startPostgres } from './started-postgres.ts';

const password = 'a password of this test';
const asked: Asked = { filter: { reason: 'missing' }, parked: false, limit: 1000, rate: 1000 };
const opened: Database[] = [];
let postgres: Awaited<ReturnType<typeof startPostgres>>;

beforeAll(async () => {
  postgres = await startPostgres();
  const { database } = postgres;
  await giveLandingRights(database, Object.fromEntries(rolesOn('postgres').map((role) => [userOf(role), password])));
  await database.query('insert into pipelines (name, first_instant) values ($1, now())', [pipeline]);
});
afterAll(async () => {
  for (const database of opened) await database.end();
  await postgres?.stop();
});

async function as(role: RoleName): Promise<Database> {
  const secret = async () => ({ ...postgres.address, user: userOf(role), password });
  const database = await openDatabase(secret, () => undefined);
  opened.push(database);
  return database;
}

it('A letter goes all its way by the rights of the steps alone', async () => {
  await plantLetters(postgres.database, 2, {}, 1001);
  const redriver = await as('redrive');
  const redrives = postgresRedrives(redriver);
  expect(await postgresLanding(redriver).uncovered(pipeline, 10)).toBe(0);
  expect(await redrives.stream(pipeline)).toBe('running');
  expect(await redrives.find(pipeline, asked)).toHaveLength(1);
  expect(await redrives.sample(pipeline, asked, 5)).toHaveLength(2);
  await redrives.begin(pipeline, 'redrive:a', 'somebody', asked);
  const page = await redrives.page(
    pipeline,
    'redrive:a',
    { size: 9, left: 9, keyOf: () => undefined },
    ({ identity }) =>
      identity === '1001'
        ? { do: 'land', row: { origin: 1001, version: 1001, payload: {} } }
        : { do: 'die', reason: 'missing', field: null },
  );
  expect(page.progress).toMatchObject({ landed: 1, rejected: 1, done: true });

  const died = { ...dead(0, 5), identity: '1001', run: 'redrive:a' };
  const reads = readRecords({ records: { x: [record(died)] } });
  expect(await audit(reads, postgresLedger(await as('audit')), unmeasured)).toMatchObject({ dead: 1, unreadable: 0 });

  const books = postgresBooks(await as('inspect'));
  const { letters } = await books.dead({ question: 'dead', pipeline, limit: 9 });
  expect(letters.map(({ identity, state, attempts }) => [identity, state, attempts])).toEqual([
    ['1001', 'open', 2],
    ['1002', 'open', 2],
  ]);
});

it('A redrive that nobody goes on with is ended by the rights of the step alone', async () => {
  const redrives = postgresRedrives(await as('redrive'));
  await redrives.begin(pipeline, 'redrive:b', 'somebody', asked);
  await postgres.database.query(`update runs set opened_at = now() - interval '2 minutes'`);
  await expect(redrives.begin(pipeline, 'redrive:c', 'somebody', asked)).resolves.toBeDefined();
});
