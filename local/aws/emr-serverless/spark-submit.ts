import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { StartJobRun } from './request.ts';

/** What a job run has here besides its request. */
export interface SparkSettings {
  readonly sparkHome: string;
  readonly python: string;
  readonly javaHome?: string;
  readonly jars: readonly string[];
  /** Spark properties; may hold secrets, so they travel in a file of mode 0600, never on a command line. */
  readonly properties: Readonly<Record<string, string>>;
  readonly master: string;
  readonly driverMemory: string;
  /** Of a job that ends: it runs beside the stream, and must leave it the machine. The same unless said. */
  readonly batch?: { readonly master: string; readonly driverMemory: string };
  /** Environment of the job beside Spark's own variables; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly logDir: string;
}

const loopback = '127.0.0.1';
const utc = '-Duser.timezone=UTC';

/** Properties that hold whatever a request says, because they are facts about this machine. */
function localProperties({ properties }: SparkSettings): Record<string, string> {
  const javaOptions = properties['spark.driver.extraJavaOptions'];
  return {
    ...properties,
    'spark.ui.enabled': 'false',
    'spark.driver.host': loopback,
    'spark.driver.bindAddress': loopback,
    'spark.sql.session.timeZone': 'UTC',
    'spark.driver.extraJavaOptions': javaOptions === undefined ? utc : `${javaOptions} ${utc}`,
  };
}

/** The text of a Java properties file: backslashes and line ends of a value are escaped. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  const escaped = (text: string) => text.replace(/\\/g, '\\\\').replace(/\r/g, '\\r').replace(/\n/g, '\\n');
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('');
}

/** Splits sparkSubmitParameters at blanks, as a shell would: quotes keep blanks and are dropped. */
export function splitParameters(text: string): string[] {
  const words = text.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

/** Arguments of spark-submit. What is local comes last, because the last of two equal options wins. */
function submitArguments(
  { jobDriver: { sparkSubmit }, name, mode }: StartJobRun,
  settings: SparkSettings,
  propertiesFile: string,
): string[] {
  const { master, driverMemory } = (mode === 'BATCH' && settings.batch) || settings;
  return [
    ...splitParameters(sparkSubmit.sparkSubmitParameters),
    ...(name === undefined ? [] : ['--name', name]),
    ...['--master', master, '--deploy-mode', 'client', '--driver-memory', driverMemory],
    ...(settings.jars.length === 0 ? [] : ['--jars', settings.jars.join(',')]),
    ...['--properties-file', propertiesFile],
    sparkSubmit.entryPoint,
    ...sparkSubmit.entryPointArguments,
  ];
}

/**
 * Becomes the command, with a watcher beside it in the same process group that ends the group when stdin closes,
 * so that not even a runner that was killed leaves Spark behind. The watcher ignores the group's own SIGTERM.
 */
const underLifeline = `
  exec 3<&0
  (trap '' TERM; cat <&3 >/dev/null; kill -TERM -$$; sleep 10; kill -KILL -$$) >/dev/null 2>&1 &
  exec "$@" 3<&- </dev/null`;

/** Starts one attempt in a process group of its own; its output goes to the log file. */
export async function startSparkSubmit(
  job: StartJobRun,
  settings: SparkSettings,
  files: { readonly log: string; readonly properties: string },
): Promise<ChildProcess> {
  await writeFile(files.properties, propertiesText(localProperties(settings)), { mode: 0o600 });
  const log = openSync(files.log, 'a', 0o600);
  const command = [
    join(settings.sparkHome, 'bin', 'spark-submit'),
    ...submitArguments(job, settings, files.properties),
  ];
  const child = spawn('/bin/sh', ['-c', underLifeline, 'sh', ...command], {
    detached: true,
    stdio: ['pipe', log, log],
    env: sparkEnvironment(settings),
  });
  closeSync(log);
  // A job that ended has closed its end of the lifeline.
  child.stdin?.on('error', () => undefined);
  return child;
}

function sparkEnvironment({ env, sparkHome, python, javaHome }: SparkSettings): Record<string, string> {
  const path = [...(javaHome === undefined ? [] : [join(javaHome, 'bin')]), env['PATH'] ?? '/usr/bin:/bin'];
  return {
    ...env,
    PATH: path.join(delimiter),
    ...(javaHome === undefined ? {} : { JAVA_HOME: javaHome }),
    SPARK_HOME: sparkHome,
    SPARK_LOCAL_IP: loopback,
    PYSPARK_PYTHON: python,
    PYSPARK_DRIVER_PYTHON: python,
    PYTHONUNBUFFERED: '1',
    TZ: 'UTC',
  };
}

/** Signals every process of the attempt: Java and its Python. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // Nobody left to tell.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The last lines of a log that say more than Spark's usual talk, for a job run's stateDetails. */
export async function lastLines(file: string, count = 20, bytes = 32_768): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, start);
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n');
    return lines
      .filter((line) => !/^\S+ \S+ INFO /.test(line))
      .slice(-count)
      .join('\n');
  } finally {
    await handle.close();
  }
}
