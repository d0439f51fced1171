import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { archivesIn, type Fetched, mavenMeter } from './fetched.ts';
import { runTool } from './tool.ts';

/** What a component is installed with: the user's own tools and settings. */
export interface Tools {
  readonly maven: string;
  readonly python: string;
  /** Version of that Python, as in 3.11: a virtual environment belongs to one. */
  readonly pythonVersion: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

export interface Component {
  readonly name: 'kafka' | 'registry' | 'cassandra' | 'spark' | 'stream' | 'airflow' | 'localstack';
  readonly what: string;
  readonly downloadMb: number;
  /** What is installed, word for word; it names the folder. */
  lock(tools: Tools): readonly string[];
  fill(folder: string, tools: Tools, onFetched: (fetched: Fetched) => void): Promise<void>;
  /** Whether a complete folder still works; false has it made anew. */
  usable?(folder: string): boolean;
}

const here = path.join(import.meta.dirname, '..');

/** What the path needs, in its order. One folder of the user's cache each. */
export const components: readonly Component[] = [
  maven('kafka', 'Apache Kafka', 43),
  maven('registry', 'Apicurio Registry', 142),
  maven('spark', 'Kafka, Avro and Cassandra for Spark', 20),
  maven('cassandra', 'Apache Cassandra', 67),
  pip('stream', 'PySpark in a virtual environment', 320),
];

/** Beside the path, which runs without it. */
export const airflow: Component = {
  name: 'airflow',
  what: 'Apache Airflow in a virtual environment',
  downloadMb: 150,
  lock: ({ pythonVersion }) => [
    ...['uv', 'airflow'].map((name) => readFileSync(pythonLock(name), 'utf8')),
    pythonVersion,
  ],
  fill: fillAirflow,
  usable: hasPython,
};

/** All that a platform may have. */
export const allComponents: readonly Component[] = [...components, airflow];

/** Tooling: rehearses a deployment, and no platform has it (ADR 0026). */
export const localstack: Component = pip('localstack', 'LocalStack in a virtual environment', 110);

/** All there is in the cache. */
export const cachedComponents: readonly Component[] = [...allComponents, localstack];

const watchEveryMs = 500;

function pythonLock(name: string): string {
  return path.join(here, 'python', `${name}.lock`);
}

/** A virtual environment links to the user's Python, which an upgrade may have removed. */
function hasPython(folder: string): boolean {
  return existsSync(path.join(folder, 'bin', 'python'));
}

function maven(name: Component['name'], what: string, downloadMb: number): Component {
  const pom = path.join(here, 'maven', name, 'pom.xml');
  return {
    name,
    what,
    downloadMb,
    lock: () => [readFileSync(pom, 'utf8')],
    fill: (folder, { maven: command, env, signal }, onFetched) => {
      const meter = mavenMeter();
      const onLine = (line: string) => {
        const fetched = meter(line);
        if (fetched) onFetched(fetched);
      };
      // -C: a file whose checksum differs is refused. Without -B, Maven tells how far a download is.
      const args = ['-C', '-Dstyle.color=never', '-f', pom, `-Dinto=${folder}`, 'package'];
      return runTool({ command, args, env, signal, onLine });
    },
  };
}

function pip(name: Component['name'], what: string, downloadMb: number): Component {
  const locks = ['build', name].map(pythonLock);
  return {
    name,
    what,
    downloadMb,
    lock: ({ pythonVersion }) => [...locks.map((file) => readFileSync(file, 'utf8')), pythonVersion],
    fill: (folder, tools, onFetched) => fillVirtualEnvironment(folder, locks, tools, onFetched),
    usable: hasPython,
  };
}

/** pip keeps what it fetches and builds beside the folder, where it can be watched and is cleaned up. */
async function fillVirtualEnvironment(
  folder: string,
  locks: readonly string[],
  tools: Tools,
  onFetched: (fetched: Fetched) => void,
): Promise<void> {
  const temporary = path.join(folder, 'tmp');
  mkdirSync(temporary);
  const timer = setInterval(() => onFetched(archivesIn(temporary)), watchEveryMs);
  try {
    await makeVirtualEnvironment(folder, locks, { ...tools, env: { ...tools.env, TMPDIR: temporary } });
  } finally {
    clearInterval(timer);
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** A virtual environment with what the locks pin, one after the other; every file of it is checked by its hash. */
export async function makeVirtualEnvironment(
  folder: string,
  locks: readonly string[],
  tools: Pick<Tools, 'python' | 'env' | 'signal'>,
): Promise<void> {
  const { env, signal } = tools;
  const run = (command: string, args: readonly string[]) => runTool({ command, args, env, signal });
  const python = path.join(folder, 'bin', 'python');
  await run(tools.python, ['-m', 'venv', folder]);
  for (const lock of locks) {
    // Without isolation: an isolated build would fetch a builder that nobody pinned.
    await run(python, ['-m', 'pip', 'install', '--no-input', '--require-hashes', '--no-build-isolation', '-r', lock]);
  }
}

/** uv is many times as fast as pip with so many packages, and is large itself: it goes when they are there, compiled. */
async function fillAirflow(folder: string, { python, env, signal }: Tools): Promise<void> {
  await makeVirtualEnvironment(folder, [pythonLock('uv')], { python, env, signal });
  const bin = (name: string) => path.join(folder, 'bin', name);
  const args = ['pip', 'sync', '--python', bin('python'), '--require-hashes', '--compile-bytecode'];
  await runTool({ command: bin('uv'), args: [...args, pythonLock('airflow')], env, signal });
  await runTool({ command: bin('python'), args: ['-m', 'pip', 'uninstall', '--yes', 'uv'], env, signal });
}
