import path from 'node:path';
import pg from 'pg';
import { scramVerifier } from '../../functions/adapters/postgres/scram.ts';
import type { Credentials, Login } from '../credentials.ts';
import type { PostgresHost } from '../install/postgres-host.ts';
import { type Birth, type Made, make, type Server } from './made.ts';
import { type Listen, type Setting, serverEnv } from './setting.ts';

/** Database of the platform; the superuser only makes it and its owner. */
const name = 'millrace';

/** PostgreSQL: the landing, and the offsets, runs and dead letters beside it. */
export function postgres(setting: Setting, host: PostgresHost): Server {
  const { folder, ports, credentials } = setting;
  const data = path.join(host.home, 'db');
  const hba = path.join(host.home, 'hba.conf');
  const made: Made = {
    files: { [hba]: hostAuthentication(setting.listen) },
    birth: { folder: data, fill: (partial) => initialise(partial, host, credentials.postgres.superuser) },
    ...(host.runAs && { owner: host.runAs }),
  };
  return {
    name: 'postgres',
    dependsOn: [],
    command: path.join(host.bin, 'postgres'),
    args: [
      '-D',
      data,
      ...Object.entries(postgresSettings(ports.postgres, hba, setting.listen)).flatMap(([key, value]) => [
        '-c',
        `${key}=${value}`,
      ]),
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
    made,
    prepare: () => make(made),
    provision: () => provision(ports.postgres, credentials.postgres),
    health: async () => {
      await query(ports.postgres, credentials.postgres.prepare, name, ['SELECT 1']);
    },
  };
}

/** Passwords for everybody, over loopback alone; what is published to loopback arrives from the network's gateway. */
const hostAuthentication = (listen: Listen) =>
  `host all all ${listen === '127.0.0.1' ? '127.0.0.1/32' : 'all'} scram-sha-256\n`;

/** Durable as it would be in production, and reachable from this machine only. */
export function postgresSettings(
  port: number,
  hba: string,
  listen: Listen = '127.0.0.1',
): Readonly<Record<string, string>> {
  return {
    port: String(port),
    hba_file: hba,
    listen_addresses: listen,
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

function initialise(partial: string, host: PostgresHost, superuser: Login): ReturnType<NonNullable<Birth['fill']>> {
  const passwordFile = path.join(host.home, 'superuser.password');
  return {
    command: path.join(host.bin, 'initdb'),
    args: ['-D', partial, '-U', superuser.user, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', ...locale],
    files: { [passwordFile]: superuser.password },
  };
}

/** The built-in one sorts alike on every system. */
const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

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
