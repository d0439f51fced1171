import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RoleName, rolesOn, type Server, userOf } from '../functions/roles.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

type Logins<Who extends string> = Readonly<Record<Who, Login>>;

/** Every secret of one data folder. Servers ask for them from their first start. */
export interface Credentials {
  /** The superuser makes the database and its owner. */
  readonly postgres: Logins<'superuser' | Exclude<RoleName, 'stream'>>;
  /** The administrator is the broker, and gives the owner of the topics its rights. */
  readonly kafka: Logins<'admin' | Exclude<RoleName, 'extract' | 'settle' | 'reconcile' | 'erase'>>;
  /** The administrator makes the roles. */
  readonly cassandra: Logins<'admin' | 'prepare' | 'stream' | 'reconcile' | 'erase' | 'reader'>;
  /** Of the person and of the runner, who may call everything. */
  readonly aws: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The credentials of a data folder, made at its first use. Call it under the folder's lock. */
export function loadCredentials(file: string): Credentials {
  if (!existsSync(file)) writeOnce(file, generate());
  requirePrivate(file);
  const credentials = JSON.parse(readFileSync(file, 'utf8')) as Credentials;
  requireComplete(file, credentials);
  return credentials;
}

function generate(): Credentials {
  return {
    postgres: { superuser: login('postgres'), ...loginsOn('postgres') },
    kafka: { admin: login('admin'), ...loginsOn('kafka') },
    cassandra: { admin: login('admin'), ...loginsOn('cassandra') },
    aws: keyPair(),
  } as Credentials;
}

const loginsOn = (server: Server) => Object.fromEntries(rolesOn(server).map((role) => [role, login(userOf(role))]));

/** For the local AWS endpoints; shaped like a key pair of AWS, valid nowhere else. */
export function keyPair(): Credentials['aws'] {
  return { accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase().slice(1)}`, secretAccessKey: secret() };
}

function login(user: string): Login {
  return { user, password: secret() };
}

/** 256 bits in an alphabet that no configuration file, shell or SQL text has to quote. */
function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** Renamed when complete: half a file would lock everybody out of servers that know the other half. */
function writeOnce(file: string, credentials: Credentials): void {
  const partial = `${file}.partial`;
  writeFileSync(partial, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, file);
}

function requirePrivate(file: string): void {
  const mode = statSync(file).mode & 0o777;
  if (mode === 0o600) return;
  throw new Error(
    `${file} holds passwords and must have mode 600, got ${mode.toString(8)}. Repair it: chmod 600 ${file}`,
  );
}

/** Kafka's users come into being with its empty folder: a login that is missing here is missing there as well. */
function requireComplete(file: string, credentials: Credentials): void {
  const servers = ['postgres', 'kafka', 'cassandra'] as const;
  const missing = servers.flatMap((server) =>
    rolesOn(server)
      .filter((role) => !(role in credentials[server]))
      .map((role) => `${userOf(role)} on ${server}`),
  );
  if (missing.length === 0) return;
  throw new Error(
    `${file} should hold a login of every role, has none of ${missing.join(', ')}: another version made this data ` +
      `folder, and its servers do not know them. Go on with that version, or empty it: npm run reset -- --data ${path.dirname(file)}`,
  );
}
