import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
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
  readonly name: 'kafka' | 'registry' | 'cassandra' | 'spark' | 'stream';
  readonly what: string;
  readonly downloadMb: number;
  /** What is installed, word for word; it names the folder. */
  lock(tools: Tools): readonly string[];
  fill(folder: string, tools: Tools, onLine: (line: string) => void): Promise<void>;
  /** Whether a complete folder still works; false has it made anew. */
  usable?(folder: string): boolean;
}

const here = path.join(import.meta.dirname, '..');

/** In the order of the path. One folder of the user's cache each. */
export const components: readonly Component[] = [
  maven('kafka', 'Apache Kafka', 43),
  maven('registry', 'Apicurio Registry', 142),
  maven('spark', 'Kafka, Avro and Cassandra for Spark', 20),
  maven('cassandra', 'Apache Cassandra', 67),
  {
    name: 'stream',
    what: 'PySpark in a virtual environment',
    downloadMb: 320,
    lock: ({ pythonVersion }) => [...pythonLocks.map((file) => readFileSync(file, 'utf8')), pythonVersion],
    fill: (folder, tools, onLine) => makeVirtualEnvironment(folder, pythonLocks, tools, onLine),
    // The environment links to the user's Python, which an upgrade may have removed.
    usable: (folder) => existsSync(path.join(folder, 'bin', 'python')),
  },
];

const pythonLocks = ['build.lock', 'stream.lock'].map((name) => path.join(here, 'python', name));

function maven(name: Component['name'], what: string, downloadMb: number): Component {
  const pom = path.join(here, 'maven', name, 'pom.xml');
  return {
    name,
    what,
    downloadMb,
    lock: () => [readFileSync(pom, 'utf8')],
    // -C: a file whose checksum differs is refused. -B: no colours and bars, one line per file.
    fill: (folder, { maven: command, env, signal }, onLine) =>
      runTool({ command, args: ['-B', '-C', '-f', pom, `-Dinto=${folder}`, 'package'], env, signal, onLine }),
  };
}

/** A virtual environment with what the locks pin, one after the other; every file of it is checked by its hash. */
export async function makeVirtualEnvironment(
  folder: string,
  locks: readonly string[],
  tools: Pick<Tools, 'python' | 'env' | 'signal'>,
  onLine?: (line: string) => void,
): Promise<void> {
  const { env, signal } = tools;
  const run = (command: string, args: readonly string[]) => runTool({ command, args, env, signal, onLine });
  const python = path.join(folder, 'bin', 'python');
  await run(tools.python, ['-m', 'venv', folder]);
  for (const lock of locks) {
    // Without isolation: an isolated build would fetch a builder that nobody pinned.
    await run(python, ['-m', 'pip', 'install', '--no-input', '--require-hashes', '--no-build-isolation', '-r', lock]);
  }
}

/** The file a tool says it is fetching, or undefined for its other talk. */
export function fileInLine(line: string): string | undefined {
  const maven = /^(?:\[INFO\] )?Downloaded from \S+: \S*\/(\S+\.(?:jar|gz)) \(([\d.]+ \wB)/.exec(line);
  const pip = /^\s*(?:Downloading|Using cached) (?:\S*\/)?(\S+\.(?:whl|gz)) \(([\d.]+ \wB)\)/.exec(line);
  const found = maven ?? pip;
  return found ? `${found[1]} (${found[2]})` : undefined;
}
