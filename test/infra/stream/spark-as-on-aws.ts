import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { configOf } from '../../../infra/config.ts';
import { artifactsOf, writeArtifacts } from '../../../infra/stream/artifacts.ts';
import { installJars } from '../../../infra/stream/jars/install.ts';
import { applicationSettings, type JobPlaces, jobEnvironment } from '../../../infra/stream/job-run.ts';
import { propertiesText, splitParameters } from '../../../local/aws/emr-serverless/spark-submit.ts';
import { cacheFolder } from '../../../local/install/cache.ts';
import { type Installed, install } from '../../../local/install/install.ts';
import { checkPrerequisites } from '../../../local/prerequisites.ts';

export interface SparkHere {
  readonly spark: Installed['spark'];
  readonly java: string;
  /** A folder that stands for the artifact bucket: same keys, same bytes, the jars of the lock. */
  readonly bucket: string;
}

/** Lays the artifact bucket out in a folder, as the stack and its deployment lay it out in S3. */
export async function sparkAsOnAws(bucket: string): Promise<SparkHere> {
  const cache = cacheFolder(process.env, process.platform, os.homedir());
  const { programs } = checkPrerequisites({ env: process.env, folders: [cache] });
  if (programs === undefined) throw new Error('Java, Maven or Python is missing: npm run local -- --check says which');
  const { spark } = await install({ cache, tools: { ...programs, env: process.env } });
  const { files } = await installJars(cache, { maven: programs.maven, env: process.env });
  writeArtifacts(artifactsOf('us-east-1'), bucket);
  const [first = ''] = artifactsOf('us-east-1').jars;
  const jars = path.join(bucket, path.dirname(first));
  mkdirSync(path.dirname(jars), { recursive: true });
  symlinkSync(path.dirname(files[0] ?? ''), jars);
  return { spark, java: programs.java, bucket };
}

export interface Submission {
  readonly master: string;
  readonly brokers: string;
  /** What this machine says otherwise than AWS: its logins. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The job's own entry unless said. */
  readonly entry?: string;
  readonly arguments?: readonly string[];
  /** A job that waits for ever is ended after so long, and says where it is. */
  readonly longestMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** What the job prints, its errors included: spark-submit with the parameters of a job run and, as its defaults, the settings of the application. */
export async function submit(here: SparkHere, submission: Submission): Promise<string> {
  const { brokers, settings = {}, master, longestMs = 240_000 } = submission;
  const places: JobPlaces = { applicationId: 'a', roleArn: 'r', bucket: 'bucket', brokers };
  const local = (text: string) => text.replaceAll('s3://bucket', here.bucket);
  const artifacts = artifactsOf('us-east-1');
  const environment = jobEnvironment(configOf('dev').stream, artifacts, places);
  const defaults = path.join(here.bucket, 'spark-defaults.conf');
  const common = { ...applicationSettings(artifacts, places), ...onThisMachine, ...settings };
  writeFileSync(defaults, local(propertiesText(common)), { mode: 0o600 });
  const child = spawn(
    path.join(here.spark.home, 'bin', 'spark-submit'),
    [
      ...splitParameters(local(environment.JOB_SPARK_PARAMETERS)),
      ...['--master', master, '--deploy-mode', 'client', '--properties-file', defaults],
      ...Object.entries(smallSizes).flatMap(([name, value]) => ['--conf', `${name}=${value}`]),
      submission.entry ?? local(environment.JOB_ENTRY_POINT),
      ...(submission.arguments ?? []),
    ],
    { env: sparkEnvironment(here, submission.env), stdio: ['ignore', 'pipe', 'pipe'], timeout: longestMs },
  );
  return outcome(child);
}

const onThisMachine = {
  'spark.ui.enabled': 'false',
  'spark.driver.host': '127.0.0.1',
  'spark.driver.bindAddress': '127.0.0.1',
};
const smallSizes = { 'spark.driver.memory': '1g', 'spark.executor.memory': '768m' };

async function outcome(child: ChildProcess): Promise<string> {
  const [out, log, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`spark-submit ended with ${code}:\n${saying(log)}\n${out.slice(-4000)}`);
  return out;
}

/** The last lines of Spark's log that are more than its usual talk. */
const saying = (log: string) =>
  log
    .split('\n')
    .filter((line) => !/^\S+ \S+ INFO |^\t/.test(line))
    .slice(-40)
    .join('\n');

export function sparkEnvironment({ spark, java }: SparkHere, more: Readonly<Record<string, string>> = {}) {
  return {
    PATH: '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    ...(path.isAbsolute(java) ? { JAVA_HOME: path.dirname(path.dirname(java)) } : {}),
    SPARK_HOME: spark.home,
    SPARK_LOCAL_IP: '127.0.0.1',
    PYSPARK_PYTHON: spark.python,
    PYTHONDONTWRITEBYTECODE: '1',
    TZ: 'UTC',
    ...more,
  };
}
