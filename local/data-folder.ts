import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Ports } from './ports.ts';
import { isSameProcess, markOf, type ProcessMark } from './supervisor/process.ts';

/** What lies where in a data folder (`.millrace/` unless --data says another). */
export interface DataFolder {
  readonly root: string;
  /** Belongs to this folder's content, wherever it is moved; see postgres-host.ts. */
  readonly id: string;
  readonly credentials: string;
  readonly platform: string;
  /** What the servers keep, one folder each. */
  data(name: string): string;
  /** Generated configuration; secrets inside, so only its owner may look. */
  config(name: string): string;
  log(name: string): string;
  /** Remembers the process of a service while it runs. */
  pid(name: string): string;
}

/** What other commands need of a running platform. Written when it is up, removed when it stops. */
export interface Platform {
  readonly runner: ProcessMark;
  readonly ports: Ports;
  readonly endpoints: Readonly<Record<string, string>>;
  /** Kafka's own commands: what they begin with, and the file with the reader's login where they run. */
  readonly kafkaTools?: { readonly command: readonly string[]; readonly loginFile: string };
  /** Where a person finds Airflow, and the file with the password; none without it. */
  readonly airflow?: { readonly url: string; readonly passwords: string };
  /** Pipelines that run on their schedule here; none while only runs that somebody asks for are done. */
  readonly scheduled: readonly string[];
}

/** Makes the folder if need be; its mode keeps other users out. */
export function openDataFolder(root: string): DataFolder {
  const full = path.resolve(root);
  for (const name of ['', 'data', 'config', 'logs', 'run'])
    mkdirSync(path.join(full, name), { recursive: true, mode: 0o700 });
  return {
    root: full,
    id: folderId(path.join(full, 'id')),
    credentials: path.join(full, 'credentials.json'),
    platform: path.join(full, 'platform.json'),
    data: (name) => path.join(full, 'data', name),
    config: (name) => path.join(full, 'config', name),
    log: (name) => path.join(full, 'logs', `${name}.log`),
    pid: (name) => path.join(full, 'run', `${name}.pid`),
  };
}

function folderId(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(8).toString('hex'));
  return readFileSync(file, 'utf8').trim();
}

/** Keeps a second runner out; answers what gives the folder back. */
export function lockDataFolder(folder: DataFolder): () => void {
  const file = path.join(folder.root, 'lock');
  const mine = JSON.stringify(markOf(process.pid));
  while (!createNew(file, mine)) {
    const holder = readLock(file);
    if (holder && isSameProcess(holder)) {
      throw new Error(
        `The data folder ${folder.root} is in use by another runner (pid ${holder.pid}). Stop that one, or give this one its own: --data DIR --port-base N.`,
      );
    }
    takeAway(file, holder);
  }
  return () => rmSync(file, { force: true });
}

function createNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Two runners may judge one old lock stale: who moves a fresh one by mistake puts it back and finds it held. */
function takeAway(file: string, judged: ProcessMark | undefined): void {
  const moved = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, moved);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readLock(moved)?.born !== judged?.born) createNew(file, readFileSync(moved, 'utf8'));
  rmSync(moved, { force: true });
}

function readLock(file: string): ProcessMark | undefined {
  return readJson<ProcessMark>(file);
}

/** Whoever holds the lock of a data folder, from the first moment of its start to the last of its stop. */
export interface Runner extends ProcessMark {
  readonly since: Date;
}

/** The runner of a data folder; undefined when there is none, also when it died without a word. */
export function runnerOf(root: string): Runner | undefined {
  const file = path.join(root, 'lock');
  const holder = readLock(file);
  if (holder === undefined || !isSameProcess(holder)) return undefined;
  const since = statSync(file, { throwIfNoEntry: false })?.mtime;
  return since && { ...holder, since };
}

/** Of this process, unless somebody else is said to hold the platform. */
export function writePlatform(folder: DataFolder, platform: Omit<Platform, 'runner'> & Partial<Platform>): void {
  writeJson(folder.platform, { runner: markOf(process.pid), ...platform });
}

/** Says that this process now runs pipelines on their schedule. */
export function noteSchedule(folder: DataFolder, scheduled: readonly string[]): void {
  const platform = readJson<Platform>(folder.platform);
  if (platform !== undefined) writePlatform(folder, { ...platform, scheduled });
}

export function removePlatform(folder: DataFolder): void {
  rmSync(folder.platform, { force: true });
}

/** The running platform of a data folder; undefined when none runs, also when its runner died without a word. */
export function readPlatform(root: string): Platform | undefined {
  const platform = readJson<Platform>(path.join(root, 'platform.json'));
  return platform && isSameProcess(platform.runner) ? platform : undefined;
}

/** Whole or not at all, whenever somebody looks; for its owner only. */
export function writeJson(file: string, content: object): void {
  const partial = `${file}.partial`;
  writeFileSync(partial, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, file);
}

/** Undefined when the file is gone, or half written by a runner that died: then it says nothing. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
