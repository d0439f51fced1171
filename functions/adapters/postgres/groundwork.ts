import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { PipelineError } from '../../../streaming/errors.ts';
import type { Groundwork } from '../../prepare/prepare.ts';
import {
  type Database,
  type DatabaseSecret,
  isConnectionLoss,
  sessionOptions,
  tlsOf,
  withFreshPassword,
} from './connection.ts';
import { postgresLandingDays } from './landing-days.ts';
import type { DatabaseLogin } from './login.ts';

/** What prepare does in PostgreSQL; `migrations` is the folder of SQL files. */
export function postgresGroundwork(database: Database, login: DatabaseLogin, migrations: string): Groundwork {
  return {
    migrate: () => migrate(login, migrations),
    landingDays: postgresLandingDays(database).ready,
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
      { code: 'landing_unavailable', at: 'landing', retriable: isConnectionLoss(cause), cause },
    );
  }
}

/** A connection of its own, without the pool's timeouts: a migration may take long, and waits for another one to end. */
async function applyAll({ ca, ...address }: DatabaseSecret, dir: string): Promise<readonly string[]> {
  const client = new pg.Client({ ...address, ssl: tlsOf(ca), options: sessionOptions });
  // The statement under way fails with it; an event that nobody hears would end the process instead.
  client.on('error', () => undefined);
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
