import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Every secret of one data folder. Servers ask for them from their first start. */
export interface Credentials {
  readonly postgres: { readonly superuser: Login; readonly millrace: Login };
  readonly kafka: { readonly admin: Login; readonly millrace: Login };
  readonly cassandra: { readonly admin: Login; readonly millrace: Login; readonly reader: Login };
  /** For the local AWS endpoints; shaped like a key pair of AWS, valid nowhere else. */
  readonly aws: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The credentials of a data folder, made at its first use. Call it under the folder's lock. */
export function loadCredentials(file: string): Credentials {
  if (!existsSync(file)) writeOnce(file, generate());
  requirePrivate(file);
  return JSON.parse(readFileSync(file, 'utf8')) as Credentials;
}

function generate(): Credentials {
  return {
    postgres: { superuser: login('postgres'), millrace: login('millrace') },
    kafka: { admin: login('admin'), millrace: login('millrace') },
    cassandra: { admin: login('admin'), millrace: login('millrace'), reader: login('reader') },
    aws: { accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase().slice(1)}`, secretAccessKey: secret() },
  };
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
