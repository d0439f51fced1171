import path from 'node:path';
import { bundle } from '../../bundle.ts';
import { auditTopicOf, consumerGroupOf } from '../../streaming/names.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { startAws } from '../aws/server.ts';
import { type Credentials, loadCredentials } from '../credentials.ts';
import { type DataFolder, lockDataFolder, openDataFolder, removePlatform, writePlatform } from '../data-folder.ts';
import { startEventSource } from '../event-source.ts';
import { cacheFolder } from '../install/cache.ts';
import { type Installed, install } from '../install/install.ts';
import { postgresHost } from '../install/postgres-host.ts';
import { type Ports, portsFrom, requireFreePorts } from '../ports.ts';
import type { Programs } from '../prerequisites.ts';
import { platformServices } from '../services/platform.ts';
import type { Setting } from '../services/setting.ts';
import { type StepClient, stepClient } from '../step-client.ts';
import { startServices } from '../supervisor/supervisor.ts';
import { applicationId, functionPrefix, functionsOf } from './functions.ts';
import type { Progress } from './progress.ts';
import { secretsOf, sparkProperties, topicSecretOf } from './secrets.ts';
import { startSupervising } from './supervising.ts';

export interface StartOptions {
  readonly data: string;
  readonly portBase: number;
  /** Source of runs that name none. */
  readonly source: string;
  readonly programs: Programs;
  /** Further properties of the Spark job. */
  readonly spark?: Readonly<Record<string, string>>;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The path, up and ready: every server healthy, every store prepared, the stream reading. */
export interface RunningPath {
  readonly steps: StepClient;
  readonly folder: DataFolder;
  readonly ports: Ports;
  readonly credentials: Credentials;
  readonly seconds: number;
  /** Stops everything in reverse order and waits until no process is left. */
  stop(): Promise<void>;
}

/** Starts the path in its order. Whatever fails, what was started before is stopped again. */
export async function startPath(options: StartOptions): Promise<RunningPath> {
  const started = performance.now();
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const up = await startInOrder(options, undo);
    return { ...up, seconds: (performance.now() - started) / 1000, stop };
  } catch (error) {
    await stop();
    // Whoever was asked to stop is not told that a server did not start.
    throw options.signal.aborted ? options.signal.reason : error;
  }
}

type Undo = (() => Promise<void> | void)[];

async function startInOrder(options: StartOptions, undo: Undo): Promise<Omit<RunningPath, 'seconds' | 'stop'>> {
  const { progress, signal, programs } = options;
  const folder = openDataFolder(options.data);
  undo.push(lockDataFolder(folder));
  const ports = portsFrom(options.portBase);
  const credentials = loadCredentials(folder.credentials);
  const installed = await installAll(options);
  const bundles = path.join(folder.root, 'bundles');

  const setting: Setting = { folder, ports, credentials, installed, java: programs.java };
  const servers = platformServices(setting, await postgresHost(folder, process.getuid?.()));
  const beforeStart = () => requireFreePorts(ports);
  const starting = startServices(servers, { onEvent: progress.service, beforeStart, signal });
  // Whichever fails, the other is waited for: nothing may be left running behind an error.
  const [services, built] = await Promise.allSettled([
    starting,
    progress.during('functions', () => bundle({ outDir: bundles })),
  ]);
  if (services.status === 'fulfilled') undo.push(() => services.value.stop());
  for (const part of [services, built]) if (part.status === 'rejected') throw part.reason;
  signal.throwIfAborted();

  const aws = await startAws(awsOptions(options, setting, bundles));
  undo.push(() => aws.stop());
  const steps = stepClient({ url: aws.url, ...credentials.aws, region: 'us-east-1', functionPrefix });
  undo.push(() => steps.close());

  await progress.during('stores', () => steps.call('prepare', {}));
  undo.push(await listenToAudit(steps, setting, progress));

  const supervising = startSupervising(steps, progress.log);
  undo.push(() => supervising.stop());
  await progress.during('stream', () => supervising.untilReading(signal));

  writePlatform(folder, { ports, endpoints: { aws: aws.url } });
  undo.push(() => removePlatform(folder));
  return { steps, folder, ports, credentials };
}

/** One event source mapping per pipeline, as on AWS: the topics' order is per pipeline. Answers what stops them. */
async function listenToAudit(steps: StepClient, { ports, credentials }: Setting, { log }: Progress) {
  const kafka = topicSecretOf(ports, credentials, 'audit');
  const invoke = async (event: object) => void (await steps.call('audit', event));
  const sources = await Promise.all(
    pipelines.map((pipeline) =>
      startEventSource({ kafka, groupId: consumerGroupOf(pipeline), topics: [auditTopicOf(pipeline)], invoke, log }),
    ),
  );
  return async () => void (await Promise.all(sources.map((source) => source.stop())));
}

function installAll({ programs, env, home, progress, signal }: StartOptions): Promise<Installed> {
  const { maven, python, pythonVersion } = programs;
  const cache = cacheFolder(env, process.platform, home);
  return install({ cache, tools: { maven, python, pythonVersion, env, signal }, onEvent: progress.install });
}

function awsOptions({ source, progress, programs, spark }: StartOptions, setting: Setting, bundles: string) {
  const { folder, ports, credentials, installed } = setting;
  const logDir = path.join(folder.root, 'logs');
  return {
    port: ports.aws,
    credentials: credentials.aws,
    functions: functionsOf({ folder, ports, bundles, source }),
    secrets: secretsOf(ports, credentials),
    application: applicationId,
    logDir,
    log: progress.log,
    spark: {
      sparkHome: installed.spark.home,
      python: installed.spark.python,
      jars: installed.spark.jars,
      properties: { ...sparkProperties(ports, credentials), ...spark },
      master: 'local[2]',
      driverMemory: '1g',
      env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', ...javaHomeOf(programs.java) },
      logDir,
    },
  };
}

/** Spark finds Java by JAVA_HOME; a plain `java` is found on the PATH. */
function javaHomeOf(java: string): Record<string, string> {
  return path.isAbsolute(java) ? { JAVA_HOME: path.dirname(path.dirname(java)) } : {};
}
