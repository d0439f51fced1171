import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Database,
  type DatabaseSecret,
  openDatabase,
} from '../../../../functions/adapters/postgres/connection.ts';
import { type Login, loadCredentials } from '../../../../local/credentials.ts';
import { openDataFolder } from '../../../../local/data-folder.ts';
import { postgresHost } from '../../../../local/install/postgres-host.ts';
import { freePort, portsFrom } from '../../../../local/ports.ts';
import { postgres } from '../../../../local/services/postgres.ts';
import type { Setting } from '../../../../local/services/setting.ts';
import { startServices } from '../../../../local/supervisor/supervisor.ts';

/** A real PostgreSQL of its own, with the real migrations or empty, on a free port; gone with its files after `stop`. */
export async function startPostgres({ empty = false } = {}): Promise<{
  database: Database;
  /** Where it is, and its owner's login. */
  address: DatabaseSecret;
  superuser: Login;
  stop: () => Promise<void>;
}> {
  const root = mkdtempSync(join(tmpdir(), 'millrace-postgres-'));
  const folder = openDataFolder(root);
  const credentials = loadCredentials(folder.credentials);
  const port = await freePort(22_000);
  const host = await postgresHost(folder, process.getuid?.());
  const setting = { folder, credentials, ports: { ...portsFrom(port), postgres: port } };
  const running = await startServices([postgres(setting as Setting, host)], { onEvent: () => undefined });

  const secret = { host: '127.0.0.1', port, database: 'millrace', ...credentials.postgres.prepare };
  const database = await openDatabase(
    async () => secret,
    () => undefined,
    12,
  );
  const migrations = new URL('../../../../functions/prepare/migrations/', import.meta.url);
  for (const name of empty ? [] : readdirSync(migrations).sort()) {
    await database.query(readFileSync(new URL(name, migrations), 'utf8'));
  }
  const stop = async () => {
    await database.end();
    await running.stop();
    for (const leftover of [root, host.home]) rmSync(leftover, { recursive: true, force: true });
  };
  return { database, address: secret, superuser: credentials.postgres.superuser, stop };
}

/** Rows of landing's partitions that statements have read so far, as the server counts them. */
export async function landingRowsRead(database: Database): Promise<number> {
  await database.query('select pg_stat_force_next_flush()');
  const { rows } = await database.query<{ read: number }>(
    `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_user_tables where relname like 'landing%'`,
  );
  return rows[0]?.read ?? 0;
}
