import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { cacheFolder } from '../../../local/install/cache.ts';
import { type Installed, install } from '../../../local/install/install.ts';
import { checkPrerequisites } from '../../../local/prerequisites.ts';

const job = path.join(import.meta.dirname, '../../../streaming/job');

/** For a hook or a test that calls it: what is missing is downloaded first, and Spark takes its time to start. */
export const pythonMs = 15 * 60_000;

/** Runs a script beside this file under the job's own Python and Spark: JSON in, JSON out. */
export async function runPython<T>(script: string, input: unknown = {}): Promise<T> {
  const { spark, java } = await installedSpark();
  const child = spawn(spark.python, [path.join(import.meta.dirname, script)], {
    env: {
      ...process.env,
      // Spark takes the java of the search path unless told where one lies.
      ...(path.isAbsolute(java) ? { JAVA_HOME: path.dirname(path.dirname(java)) } : {}),
      SPARK_HOME: spark.home,
      SPARK_LOCAL_IP: '127.0.0.1',
      PYTHONPATH: job,
      PYTHONDONTWRITEBYTECODE: '1',
      PYSPARK_SUBMIT_ARGS: `--master local[2] --jars ${spark.jars.join(',')} ${submitOptions.join(' ')} pyspark-shell`,
    },
  });
  child.stdin.end(JSON.stringify(input));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${err.slice(-4000)}`);
  return JSON.parse(out) as T;
}

const submitOptions = [
  '--conf spark.ui.enabled=false',
  '--conf spark.driver.host=127.0.0.1',
  '--conf spark.driver.bindAddress=127.0.0.1',
  '--driver-java-options -XX:TieredStopAtLevel=1',
];

async function installedSpark(): Promise<Pick<Installed, 'spark'> & { java: string }> {
  const cache = cacheFolder(process.env, process.platform, os.homedir());
  const { programs } = checkPrerequisites({ env: process.env, folders: [cache] });
  if (programs === undefined) throw new Error('Java, Maven or Python is missing: npm run local -- --check says which');
  const { spark } = await install({ cache, tools: { ...programs, env: process.env } });
  return { spark, java: programs.java };
}
