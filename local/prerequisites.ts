import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { versions } from '../versions.ts';
import { nearestExisting } from './disk.ts';
import type { Component } from './install/components.ts';

/** One thing the platform needs of this machine. */
export interface Prerequisite {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly needed: string;
  readonly howToGet: string;
}

/** The programs that were chosen; only valid when every prerequisite is ok. */
export interface Programs {
  readonly java: string;
  readonly maven: string;
  readonly python: string;
  readonly pythonVersion: string;
}

export interface Prerequisites {
  readonly all: readonly Prerequisite[];
  readonly programs: Programs | undefined;
}

interface Machine {
  readonly env: NodeJS.ProcessEnv;
  /** Folders whose disks must have room. */
  readonly folders: readonly string[];
}

interface Candidate {
  readonly command: string;
  /** undefined: not there, or it does not run. */
  readonly version: string | undefined;
}

const diskNeededGb = 4;
const memoryNeededGb = 6;

/** Looks at everything, so that the reader mends all in one go. */
export function checkPrerequisites({ env, folders }: Machine, javaFolder = '/usr/lib/jvm'): Prerequisites {
  const java = pick(javaCandidates(env, javaFolder), isJava);
  const maven = pick([ask('mvn', ['-B', '-version'], /Apache Maven (\d[\d.]*)/, env)], isMaven);
  const python = pickPython(env);
  const all = [node(), javaFound(java), mavenFound(maven), pythonFound(python), ...folders.map(disk), memory()];
  const programs =
    java.ok && maven.ok && python.ok
      ? { java: java.command, maven: maven.command, python: python.command, pythonVersion: python.version ?? '' }
      : undefined;
  return { all, programs };
}

/** The Python of what needs nothing else; throws when there is none that fits. */
export function onlyPython(env: NodeJS.ProcessEnv): Pick<Programs, 'python' | 'pythonVersion'> {
  const python = pickPython(env);
  if (python.ok) return { python: python.command, pythonVersion: python.version ?? '' };
  const { needed, found, howToGet } = pythonFound(python);
  throw new Error(`Python: expected ${needed}, got ${found}. ${howToGet}`);
}

const pickPython = (env: NodeJS.ProcessEnv) =>
  pick(
    ['python3.12', 'python3.11', 'python3'].map((name) => askPython(name, env)),
    isPython,
  );

/** One line each; what is missing says what to do. */
export function formatPrerequisites(
  { all }: Prerequisites,
  toDownload: readonly Component[],
  platform: NodeJS.Platform = process.platform,
): string {
  const width = Math.max(...all.map(({ name }) => name.length));
  const lines = all.map(({ name, ok, found, needed, howToGet }) => {
    const line = `${ok ? 'ok     ' : 'MISSING'} ${name.padEnd(width)}  found ${found}, needed ${needed}`;
    return ok ? line : `${line}\n        ${howToGet}`;
  });
  const untried = platform === 'linux' ? [] : ['', notTried];
  return [...lines, ...untried, '', formatDownloads(toDownload)].join('\n');
}

/** Paths, caches and process tables of macOS are handled by its documentation. */
const notTried =
  'Millrace is tried on Linux. macOS should work, but nobody has run it there yet; Windows only within WSL.';

function formatDownloads(components: readonly Component[]): string {
  if (components.length === 0) return 'Nothing will be downloaded.';
  const total = components.reduce((sum, { downloadMb }) => sum + downloadMb, 0);
  const lines = components.map(({ what, downloadMb }) => `  ${String(downloadMb).padStart(4)} MB  ${what}`);
  return [`Will be downloaded once, about ${total} MB:`, ...lines].join('\n');
}

type Picked = Candidate & { readonly ok: boolean; readonly seen: string };

function pick(candidates: readonly Candidate[], fits: (version: string) => boolean): Picked {
  const seen = candidates
    .filter(({ version }) => version)
    .map(({ command, version }) => `${version} (${command})`)
    .join(', ');
  const chosen = candidates.find(({ version }) => version !== undefined && fits(version));
  return { command: '', version: undefined, ...chosen, ok: chosen !== undefined, seen: seen || 'none' };
}

/** A name on the PATH proves nothing (version managers leave shims): a program counts when it runs. */
function ask(command: string, args: readonly string[], pattern: RegExp, env: NodeJS.ProcessEnv): Candidate {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', env });
  const version = status === 0 ? pattern.exec(`${stdout}${stderr}`)?.[1] : undefined;
  return { command, version };
}

function askPython(command: string, env: NodeJS.ProcessEnv): Candidate {
  // Debian ships Python without the two modules; then no virtual environment can be made.
  const program = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";
  return ask(command, ['-c', program], /^(\d+\.\d+)$/m, env);
}

function javaCandidates(env: NodeJS.ProcessEnv, installed: string): readonly Candidate[] {
  const home = env['JAVA_HOME'];
  const others = existsSync(installed)
    ? readdirSync(installed).filter((name) => name.includes(`${versions.java}`))
    : [];
  const commands = [
    ...(home ? [path.join(home, 'bin', 'java')] : []),
    'java',
    ...others.map((name) => path.join(installed, name, 'bin', 'java')),
  ];
  return commands.map((command) => ask(command, ['-version'], /version "(\d[\d.]*)/, env));
}

const isJava = (version: string) => version.split('.')[0] === String(versions.java);
const isMaven = (version: string) => atLeast(version, '3.6.3');
const isPython = (version: string) => (versions.python as readonly string[]).includes(version);

function node(): Prerequisite {
  const found = process.versions.node;
  return {
    name: 'Node',
    ok: atLeast(found, versions.node),
    found,
    needed: `${versions.node} or newer`,
    howToGet: 'https://nodejs.org, or a version manager: nvm install 22',
  };
}

function javaFound({ ok, seen }: Picked): Prerequisite {
  return {
    name: 'Java',
    ok,
    found: seen,
    needed: `${versions.java} (Spark and Cassandra run on no newer one)`,
    howToGet:
      'Debian: apt install openjdk-17-jre-headless. macOS: brew install openjdk@17. Or set JAVA_HOME to a Java 17.',
  };
}

function mavenFound({ ok, seen }: Picked): Prerequisite {
  const howToGet = 'Debian: apt install maven. macOS: brew install maven.';
  return { name: 'Maven', ok, found: seen, needed: '3.6.3 or newer', howToGet };
}

function pythonFound({ ok, seen }: Picked): Prerequisite {
  return {
    name: 'Python',
    ok,
    found: seen,
    needed: `${versions.python.join(' or ')} with venv`,
    howToGet: 'Debian: apt install python3 python3-venv. macOS: brew install python@3.12. Or: pyenv install 3.12.',
  };
}

function disk(folder: string): Prerequisite {
  const { bavail, bsize } = statfsSync(nearestExisting(folder));
  const freeGb = (bavail * bsize) / 2 ** 30;
  return {
    name: `Disk at ${folder}`,
    ok: freeGb >= diskNeededGb,
    found: `${freeGb.toFixed(1)} GB free`,
    needed: `${diskNeededGb} GB`,
    howToGet: 'Make room, or choose other folders: MILLRACE_CACHE for the downloads, --data for the data.',
  };
}

function memory(): Prerequisite {
  const totalGb = os.totalmem() / 2 ** 30;
  return {
    name: 'Memory',
    ok: totalGb >= memoryNeededGb,
    found: `${totalGb.toFixed(1)} GB, ${availableGb().toFixed(1)} GB of it available`,
    needed: `${memoryNeededGb} GB (Cassandra 1.5, Spark 1.5, Kafka 0.5, Airflow 0.9, the rest 1)`,
    howToGet: 'Close other programs or use a larger machine.',
  };
}

/** Linux counts its file cache as used; what can be had is told elsewhere. */
function availableGb(): number {
  const file = '/proc/meminfo';
  const told = existsSync(file) ? /MemAvailable:\s+(\d+) kB/.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
  return told ? Number(told) / 2 ** 20 : os.freemem() / 2 ** 30;
}

function atLeast(found: string, needed: string): boolean {
  const [a, b] = [found, needed].map((version) => version.split('.').map(Number)) as [number[], number[]];
  const differs = b.findIndex((part, index) => part !== (a[index] ?? 0));
  return differs === -1 || (a[differs] ?? 0) > (b[differs] as number);
}
