import { chownSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { scramVerifier } from '../../functions/adapters/postgres/scram.ts';
import type { Credentials, Login } from '../credentials.ts';
import { fillOnce } from '../install/cache.ts';
import type { PostgresHost } from '../install/postgres-host.ts';
import { runTool } from '../install/tool.ts';
import type { Service } from '../supervisor/service.ts';
import { type Setting, serverEnv, writeConfig } from './setting.ts';

/** Database of the platform; the superuser only makes it and its owner. */
const name = 'millrace';

/** PostgreSQL: the landing, and the offsets, runs and dead letters beside it. */
export function postgres(setting: Setting, host: PostgresHost): Service {
  const { folder, ports, credentials } = setting;
  const data = path.join(host.home, 'db');
  const hba = path.join(host.home, 'hba.conf');
  return {
    name: 'postgres',
    dependsOn: [],
    command: path.join(host.bin, 'postgres'),
    args: [
      '-D',
      data,
      ...Object.entries(postgresSettings(ports.postgres, hba)).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    env: serverEnv,
    cwd: host.home,
    ...(host.runAs && { runAs: host.runAs }),
    logFile: folder.log('postgres'),
    pidFile: folder.pid('postgres'),
    startSeconds: 60,
    // "Fast": open connections are ended; SIGTERM would wait for them for ever.
    stopSignal: 'SIGINT',
    stopSeconds: 30,
    prepare: async () => {
      writeFor(host, hba, hostAuthentication);
      await fillOnce(data, (partial) => initialise(partial, host, credentials.postgres.superuser));
    },
    provision: () => provision(ports.postgres, credentials.postgres),
    health: async () => {
      await query(ports.postgres, credentials.postgres.prepare, name, ['SELECT 1']);
    },
  };
}

/** Passwords for everybody, over loopback alone. */
const hostAuthentication = 'host all all 127.0.0.1/32 scram-sha-256\n';

/** Durable as it would be in production, and reachable from this machine only. */
export function postgresSettings(port: number, hba: string): Readonly<Record<string, string>> {
  return {
    port: String(port),
    hba_file: hba,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    fsync: 'on',
    synchronous_commit: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    max_connections: '100',
  };
}

async function initialise(partial: string, host: PostgresHost, superuser: Login): Promise<void> {
  const passwordFile = path.join(host.home, 'superuser.password');
  writeFor(host, passwordFile, superuser.password);
  if (host.runAs) chownSync(partial, host.runAs.uid, host.runAs.gid);
  const args = ['-D', partial, '-U', superuser.user, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', ...locale];
  try {
    await runTool({ command: path.join(host.bin, 'initdb'), args, env: serverEnv, cwd: host.home, ...host.runAs });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** The built-in one sorts alike on every system. */
const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

function writeFor(host: PostgresHost, file: string, text: string): void {
  rmSync(file, { force: true });
  writeConfig(file, text);
  if (host.runAs) chownSync(file, host.runAs.uid, host.runAs.gid);
}

/** The owner of the database makes the other roles: no superuser, only one who may make roles. */
async function provision(port: number, { superuser, prepare }: Credentials['postgres']): Promise<void> {
  const missing = await query(port, superuser, 'postgres', [
    `SELECT 1 FROM pg_roles WHERE rolname = '${prepare.user}'`,
    `SELECT 1 FROM pg_database WHERE datname = '${name}'`,
  ]);
  const verifier = pg.escapeLiteral(scramVerifier(prepare.password));
  const statements = [
    `CREATE ROLE ${prepare.user} LOGIN CREATEROLE PASSWORD ${verifier}`,
    `CREATE DATABASE ${name} OWNER ${prepare.user}`,
  ].filter((_, index) => missing[index] === 0);
  await query(port, superuser, 'postgres', [
    ...statements,
    ...['postgres', 'template1', name].map((database) => `REVOKE ALL ON DATABASE ${database} FROM PUBLIC`),
  ]);
}

/** Runs statements one by one; answers how many rows each gave. */
async function query(
  port: number,
  { user, password }: Login,
  database: string,
  statements: readonly string[],
): Promise<number[]> {
  const client = new pg.Client({ host: '127.0.0.1', port, user, password, database, connectionTimeoutMillis: 5000 });
  // A server that stops meanwhile ends the query with an error; the same error as an event would end the runner.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const rows: number[] = [];
    for (const statement of statements) rows.push((await client.query(statement)).rowCount ?? 0);
    return rows;
  } finally {
    await client.end();
  }
}
