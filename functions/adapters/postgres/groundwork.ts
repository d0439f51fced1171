import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { PipelineError } from '../../../streaming/errors.ts';
import type { Groundwork } from '../../prepare/prepare.ts';
import { codeOf, type Database, type DatabaseSecret, sessionOptions, tlsOf, withFreshPassword } from './connection.ts';
import type { DatabaseLogin } from './login.ts';

/** What prepare does in PostgreSQL; `migrations` is the folder of SQL files. */
export function postgresGroundwork(database: Database, login: DatabaseLogin, migrations: string): Groundwork {
  return {
    migrate: () => migrate(login, migrations),
    landingDays: (first, count) => landingDays(database, first, count),
    async addPipeline(name, firstInstant) {
      await database.query('insert into relay_position (pipeline) values ($1) on conflict do nothing', [name]);
      const { rowCount } = await database.query(
        'insert into pipelines (name, first_instant) values ($1, $2) on conflict do nothing',
        [name, firstInstant],
      );
      return rowCount === 1;
    },
    async expressions(tables) {
      const { rows } = await database.query<{ column: string; hash: string }>(
        `select table_name || '.' || column_name as column, expression_hash as hash
         from column_expressions where table_name = any($1)`,
        [tables],
      );
      return new Map(rows.map(({ column, hash }) => [column, hash]));
    },
    async keepExpressions(table, hashes) {
      await database.query(
        `insert into column_expressions (table_name, column_name, expression_hash)
         select $1, key, value from jsonb_each_text($2) on conflict do nothing`,
        [table, JSON.stringify(Object.fromEntries(hashes))],
      );
    },
  };
}

async function migrate(login: DatabaseLogin, dir: string): Promise<readonly string[]> {
  try {
    return await withFreshPassword(login.forget, async () => applyAll(await login.read(), dir));
  } catch (cause) {
    throw new PipelineError(
      `migrations: expected every file of ${dir} to apply, got ${cause instanceof Error ? cause.message : cause}`,
      { code: 'landing_unavailable', at: 'landing', retriable: codeOf(cause) === 'ECONNREFUSED', cause },
    );
  }
}

/** A connection of its own, without the pool's timeouts: a migration may take long, and waits for another one to end. */
async function applyAll({ ca, ...address }: DatabaseSecret, dir: string): Promise<readonly string[]> {
  const client = new pg.Client({ ...address, ssl: tlsOf(ca), options: sessionOptions });
  try {
    await client.connect();
    const applied = await runner({
      dbClient: client,
      dir,
      direction: 'up',
      migrationsTable: 'migrations',
      advisoryLockMode: 'wait',
      log: () => undefined,
    });
    return applied.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

const dayMs = 86_400_000;

async function landingDays(database: Database, first: Date, count: number): Promise<string[]> {
  const created: string[] = [];
  for (let ahead = 0; ahead < count; ahead += 1) {
    const [from, until] = [ahead, ahead + 1].map((days) =>
      new Date(first.getTime() + days * dayMs).toISOString().slice(0, 10),
    );
    const name = `landing_${from?.replaceAll('-', '_')}`;
    const { rows } = await database.query<{ missing: boolean }>(
      // A day whose rows fell into the net stays there: they would have to be moved to make its partition.
      `select to_regclass($1) is null and not exists (select from landing_default where landed_on = $2::date) as missing`,
      [name, from],
    );
    if (!rows[0]?.missing) continue;
    await database.query(
      `create table if not exists ${name} partition of landing for values from ('${from}') to ('${until}')`,
    );
    created.push(name);
  }
  return created;
}
