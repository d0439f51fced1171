import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { withDiskProblem } from '../disk.ts';
import { fillOnce, folderName } from './cache.ts';
import { noteUse } from './cache-use.ts';
import { airflow, allComponents, type Component, components, type Tools } from './components.ts';
import { damagedFile, noteContents } from './contents.ts';
import type { Fetched } from './fetched.ts';

export interface InstallEvent {
  readonly component: Component['name'];
  readonly state: 'present' | 'downloading' | 'ready' | 'failed';
  readonly seconds: number;
  /** How far its download is. */
  readonly fetched?: Fetched;
  /** About what there is to fetch. */
  readonly totalMb: number;
}

export interface InstallOptions {
  /** See cacheFolder(). */
  readonly cache: string;
  readonly tools: Tools;
  readonly onEvent?: (event: InstallEvent) => void;
}

/** Where everything lies. PostgreSQL comes with npm and is not among it: see postgres-host.ts. */
export interface Installed {
  /** Folder of the broker's jars. */
  readonly kafka: string;
  /** Folder of the server's jars. */
  readonly cassandra: string;
  /** What Cassandra measures its memory through; its version is Cassandra's choice. */
  readonly cassandraAgent: string;
  /** The runnable jar, beside its own lib folder. */
  readonly registry: string;
  /** spark-submit lies at `<home>/bin`; `python` is the interpreter of driver and workers; `jars` go into --jars. */
  readonly spark: { readonly home: string; readonly python: string; readonly jars: readonly string[] };
}

/** Installs what is missing, from the locks, through the user's own tools; asks no network for what is present. */
export async function install(options: InstallOptions): Promise<Installed> {
  mkdirSync(options.cache, { recursive: true });
  const viaPip = components.filter(({ name }) => name === 'stream');
  const viaMaven = components.filter(({ name }) => name !== 'stream');
  // One Maven at a time: several would write the user's one local repository without knowing of each other.
  await allOrFirstError([inTurn(viaMaven, options), inTurn(viaPip, options)]);
  const names = allComponents.map((component) => path.basename(folderOf(component, options)));
  noteUse(options.cache, path.join(import.meta.dirname, '..', '..'), names);
  return locate(options);
}

/** Installs Airflow unless it is there; answers the Python that has it. */
export async function installAirflow(options: InstallOptions): Promise<string> {
  await installOne(airflow, options);
  return path.join(folderOf(airflow, options), 'bin', 'python');
}

/** The components that a start would download now. */
export function missingComponents(
  options: Pick<InstallOptions, 'cache' | 'tools'>,
  wanted = allComponents,
): readonly Component[] {
  return wanted.filter((component) => !isPresent(component, folderOf(component, options)));
}

async function inTurn(list: readonly Component[], options: InstallOptions): Promise<void> {
  for (const component of list) await installOne(component, options);
}

/** Waits for every lane, so that nothing is left running behind an error. */
export async function allOrFirstError(lanes: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected');
  if (failed) throw failed.reason;
}

async function installOne(component: Component, options: InstallOptions): Promise<void> {
  const started = performance.now();
  const folder = folderOf(component, options);
  const { name, downloadMb: totalMb } = component;
  const say = (state: InstallEvent['state'], fetched?: Fetched) =>
    options.onEvent?.({
      ...{ component: name, state, seconds: (performance.now() - started) / 1000, totalMb },
      ...(fetched && { fetched }),
    });
  if (isPresent(component, folder)) return say('present');

  say('downloading');
  try {
    rmSync(folder, { recursive: true, force: true });
    await fillOnce(folder, async (partial) => {
      await component.fill(partial, options.tools, (fetched) => say('downloading', fetched));
      noteContents(partial);
    });
    say('ready');
  } catch (cause) {
    say('failed');
    throw withDiskProblem(new Error(explain(component, cause), { cause }), [options.cache]);
  }
}

function explain(component: Component, cause: unknown): string {
  const why = cause instanceof Error ? cause.message : String(cause);
  return `${component.what} could not be installed. Check the network and your own Maven and pip settings, then start again; what is complete is kept.\n${why}`;
}

function isPresent(component: Component, folder: string): boolean {
  return (
    existsSync(folder) && (component.usable?.(folder) ?? true) && damagedFile(folder, { thorough: false }) === undefined
  );
}

/**
 * Reads every byte of what is installed, and removes a component that is not as it was: the next start installs it
 * anew. Answers what was wrong.
 */
export function removeDamaged(options: Pick<InstallOptions, 'cache' | 'tools'>): readonly string[] {
  return allComponents.flatMap((component) => {
    const folder = folderOf(component, options);
    const file = existsSync(folder) ? damagedFile(folder, { thorough: true }) : undefined;
    if (file === undefined) return [];
    rmSync(folder, { recursive: true, force: true });
    return [`${component.what} was damaged in the cache (${path.join(folder, file)} is not as it was installed).`];
  });
}

function folderOf(component: Component, { cache, tools }: Pick<InstallOptions, 'cache' | 'tools'>): string {
  return path.join(cache, folderName(component.name, component.lock(tools)));
}

function locate(options: InstallOptions): Installed {
  const [kafka, registry, spark, cassandra, stream] = components.map((component) => folderOf(component, options)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const jars = path.join(spark, 'lib');
  return {
    kafka: path.join(kafka, 'lib'),
    cassandra: path.join(cassandra, 'lib'),
    cassandraAgent: path.join(cassandra, 'lib', only(path.join(cassandra, 'lib'), /^jamm-.*\.jar$/)),
    registry: path.join(registry, only(registry, /-runner\.jar$/)),
    spark: {
      home: path.join(stream, 'lib', only(path.join(stream, 'lib'), /^python3/), 'site-packages', 'pyspark'),
      python: path.join(stream, 'bin', 'python'),
      jars: readdirSync(jars)
        .sort()
        .map((name) => path.join(jars, name)),
    },
  };
}

function only(folder: string, pattern: RegExp): string {
  const found = readdirSync(folder).filter((name) => pattern.test(name));
  if (found.length === 1) return found[0] as string;
  throw new Error(
    `${folder} should hold one entry like ${pattern}, got ${found.length}. Remove the folder and start again.`,
  );
}
