import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresGroundwork } from '../../../functions/adapters/postgres/groundwork.ts';
import { giveLandingRights } from '../../../functions/adapters/postgres/rights.ts';
import { prepare } from '../../../functions/prepare/prepare.ts';
import { rolesOn, userOf } from '../../../functions/roles.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { startPostgres } from '../adapters/postgres/started-postgres.ts';
import { emptyStores } from './fakes.ts';

/** What a deployment that is rolled back does: the code of yesterday meets the database of today. */

const today = join(import.meta.dirname, '../../../functions/prepare/migrations');
const files = readdirSync(today).sort();
const names = files.map((file) => file.replace('.sql', ''));
const yesterday = mkdtempSync(join(tmpdir(), 'millrace-migrations-'));
let postgres: Awaited<ReturnType<typeof startPostgres>>;

beforeAll(async () => {
  for (const file of files.slice(0, -1)) cpSync(join(today, file), join(yesterday, file));
  postgres = await startPostgres({ empty: true });
});
afterAll(async () => {
  await postgres.stop();
  rmSync(yesterday, { recursive: true });
});

const passwords = Object.fromEntries(rolesOn('postgres').map((role) => [userOf(role), 'a password of this test']));

function groundworkOf(migrations: string) {
  const login = { read: async () => postgres.address, forget: () => undefined };
  return postgresGroundwork(postgres.database, login, migrations);
}

function prepared(migrations: string) {
  const { ports } = emptyStores();
  const rights = { ...ports.rights, onLanding: () => giveLandingRights(postgres.database, passwords) };
  return prepare([randomUsers], { ...ports, groundwork: groundworkOf(migrations), rights });
}

/** All that the database is: relations with their columns, and who may do what. */
async function database() {
  const { rows } = await postgres.database.query(
    `select c.oid::regclass::text as relation, c.relacl::text as rights,
       (select json_agg(json_build_array(attname, format_type(atttypid, atttypmod), attacl::text) order by attnum)
        from pg_attribute where attrelid = c.oid and attnum > 0) as columns
     from pg_class c where relnamespace = 'public'::regnamespace
     union all select proname, proacl::text, to_json(prosrc) from pg_proc where pronamespace = 'public'::regnamespace
     order by 1`,
  );
  return rows;
}

it('prepare of today, of yesterday and of today again leaves the database of today', async () => {
  expect((await prepared(today)).migrations).toEqual(names);
  const first = await database();
  expect(first.length).toBeGreaterThan(20);
  const { rows: before } = await postgres.database.query('select * from pipelines');
  for (const migrations of [yesterday, today, yesterday, today]) {
    expect(await prepared(migrations)).toMatchObject({ migrations: [], landingDays: [] });
    expect(await database()).toEqual(first);
  }
  expect((await postgres.database.query('select * from pipelines')).rows).toEqual(before);
});

it('prepare of today brings a database of yesterday up, with what is in it', async () => {
  await postgres.database.query('drop schema public cascade; create schema public');
  // No more of it: the code of today needs what yesterday did not know.
  expect(await groundworkOf(yesterday).migrate()).toEqual(names.slice(0, -1));
  await postgres.database.query(
    "insert into job_generations (generation, version, starting_offsets) values (1, 'v1', '{}')",
  );
  expect((await prepared(today)).migrations).toEqual(names.slice(-1));
  const { rows } = await postgres.database.query('select generation, mode from job_generations');
  expect(rows).toEqual([{ generation: 1, mode: 'streaming' }]);
});

it('prepare asks for its password again, once, when it was rotated', async () => {
  let forgotten = 0;
  const read = async () => ({ ...postgres.address, ...(forgotten === 0 && { password: 'the one before' }) });
  const forget = () => {
    forgotten += 1;
  };
  const groundwork = postgresGroundwork(postgres.database, { read, forget }, today);
  expect(await groundwork.migrate()).toEqual([]);
  expect(forgotten).toBe(1);
});
