import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { functionPrefix } from '../../stages.ts';
import type { Definition } from '../../streaming/definition.ts';
import { auditTopicOf, consumerGroupOf } from '../../streaming/names.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { airflowPlace, startAirflow } from '../airflow/airflow.ts';
import { type LocalAws, startAws } from '../aws/server.ts';
import type { AwsCredentials } from '../aws/signature.ts';
import { endLeftovers } from '../commands/leftovers.ts';
import { type Credentials, keyPair, loadCredentials } from '../credentials.ts';
import {
  type DataFolder,
  lockDataFolder,
  openDataFolder,
  type Platform,
  removePlatform,
  writeJson,
  writePlatform,
} from '../data-folder.ts';
import { claimDataFolder } from '../data-version.ts';
import { withDiskProblem } from '../disk.ts';
import { startEventSource } from '../event-source.ts';
import { cacheFolder } from '../install/cache.ts';
import { allOrFirstError, type InstallOptions, install, removeDamaged } from '../install/install.ts';
import { postgresHost } from '../install/postgres-host.ts';
import { choosePorts, type Ports } from '../ports.ts';
import type { Programs } from '../prerequisites.ts';
import { keepStates, type States } from '../service-states.ts';
import { platformServices } from '../services/platform.ts';
import { classPath, type Setting } from '../services/setting.ts';
import { type StepClient, StepFailure, stepClient } from '../step-client.ts';
import { keepLogs } from '../supervisor/log-keeper.ts';
import type { SupervisorEvent } from '../supervisor/supervised.ts';
import { startServices } from '../supervisor/supervisor.ts';
import { awsOptions } from './aws-options.ts';
import { bundleWhenChanged } from './bundles.ts';
import type { Progress } from './progress.ts';
import { topicSecretOf } from './secrets.ts';
import { startSupervising } from './supervising.ts';
import { type StartTrace, traced } from './trace.ts';

export interface StartOptions {
  readonly data: string;
  /** The first range that is free unless said. */
  readonly portBase?: number | undefined;
  /** Source of runs that name none. */
  readonly source: string;
  readonly programs: Programs;
  /** Pipelines that Airflow has DAGs of; without this it is not started. */
  readonly airflow?: readonly Definition[] | undefined;
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
  /** Where a person finds it once it is up. */
  readonly airflow?: Platform['airflow'];
  /** Also in the data folder, as start.json. */
  readonly trace: StartTrace;
  /** Stops everything in reverse order and waits until no process is left. */
  stop(): Promise<void>;
}

/** Starts the path in its order. Whatever fails, what was started before is stopped again. */
export async function startPath(options: StartOptions): Promise<RunningPath> {
  const { progress, finish } = traced(options.progress);
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const up = await startInOrder({ ...options, progress }, undo);
    const trace = finish();
    writeJson(path.join(up.folder.root, 'start.json'), trace);
    return { ...up, trace, stop };
  } catch (error) {
    await stop();
    // Whoever was asked to stop is not told that a server did not start.
    throw options.signal.aborted ? options.signal.reason : error;
  }
}

/** What the machine says about a start that failed: a full disk or a damaged download shows in obscure ways. */
function whyNot(error: unknown, options: StartOptions): unknown {
  const { cache, tools } = installOptions(options);
  const damaged = removeDamaged({ cache, tools });
  if (damaged.length === 0) return withDiskProblem(error, [cache, options.data]);
  return new Error(`${damaged.join('\n')} Start again: it is installed anew.`, { cause: error });
}

type Undo = (() => Promise<void> | void)[];

type Started = Omit<RunningPath, 'trace' | 'stop'>;

async function startInOrder(options: StartOptions, undo: Undo): Promise<Started> {
  const setting = await settingOf(options, undo);
  try {
    return await startOn(setting, options, undo);
  } catch (error) {
    throw options.signal.aborted ? error : whyNot(error, options);
  }
}

async function startOn(setting: Setting, options: StartOptions, undo: Undo): Promise<Started> {
  const { progress, signal, programs } = options;
  const { folder, ports, credentials } = setting;
  const states = keepStates(folder.root, progress.log);
  undo.push(() => states.remove());
  const key = keyPair();
  const aws = await startServersAndFunctions({ ...options, setting, key, states }, undo);
  const steps = stepClient({ url: aws.url, ...credentials.aws, region: 'us-east-1', functionPrefix });
  undo.push(() => steps.close());

  await progress.during('stores', () => prepareStores(steps, progress.log, signal));
  const supervising = startSupervising(steps, progress.log);
  undo.push(() => supervising.stop());
  await allOrFirstError([
    listenToAudit(steps, setting, progress).then((stop) => void undo.push(stop)),
    progress.during('stream', () => supervising.untilReading(signal)),
  ]);

  const kafkaTools = { java: programs.java, classPath: classPath(setting.installed.kafka) };
  const airflow = options.airflow && airflowPlace(folder, ports);
  writePlatform(folder, { ports, endpoints: { aws: aws.url }, kafkaTools, scheduled: [], ...(airflow && { airflow }) });
  undo.push(() => removePlatform(folder));
  const { stop } = startBeside({ ...options, setting, key, states }, aws.url);
  undo.push(stop);
  return { steps, folder, ports, credentials, ...(airflow && { airflow }) };
}

/** Airflow, last and in parallel: the path is ready without it. */
function startBeside(options: ServerOptions, url: string): { stop(): Promise<void> } {
  const { airflow: pipelines, setting, key, states, progress } = options;
  if (pipelines === undefined) return { stop: async () => undefined };
  const onEvent = (event: SupervisorEvent) => {
    states.note(event);
    progress.log(`${event.service} ${event.state} after ${event.seconds.toFixed(1)} s ${event.detail ?? ''}`.trimEnd());
    // It comes up behind the status that is shown by then; only what is wrong is said in between.
    if (event.state === 'failed') progress.service(event);
  };
  return startAirflow({ ...setting, aws: { url, key }, pipelines, install: installOptions(options), onEvent });
}

const prepareAttempts = 5;

/** A server that has just come up may still be at it: a new topic has no leader yet, a new keyspace no schema. */
async function prepareStores(steps: StepClient, log: (line: string) => void, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return void (await steps.call('prepare', {}));
    } catch (error) {
      const isUnavailable = error instanceof StepFailure && error.code.endsWith('_unavailable');
      if (!isUnavailable || attempt === prepareAttempts) throw error;
      log(`${error.message}; asked again`);
      await sleep(1000, undefined, { signal });
    }
  }
}

/** What everything is made from: a data folder that is ours alone, what is installed, and free ports. */
async function settingOf(options: StartOptions, undo: Undo): Promise<Setting> {
  const { data, portBase, progress, programs } = options;
  const folder = openDataFolder(data);
  undo.push(lockDataFolder(folder));
  claimDataFolder(folder);
  const logs = keepLogs(path.join(folder.root, 'logs'), progress.log);
  undo.push(() => logs.stop());
  const credentials = loadCredentials(folder.credentials);
  const installed = await install(installOptions(options));
  // Only now: what a killed runner left behind holds ports itself, and a download may take long.
  await endLeftovers(folder.root);
  const { ports, note } = await choosePorts(portBase);
  if (note !== undefined) progress.note(note);
  return { folder, ports, listen: '127.0.0.1', credentials, installed, java: programs.java };
}

interface ServerOptions extends StartOptions {
  readonly setting: Setting;
  /** What Airflow calls with. */
  readonly key: AwsCredentials;
  readonly states: States;
}

/** Whichever fails, the other is waited for: nothing may be left running behind an error. */
async function startServersAndFunctions(options: ServerOptions, undo: Undo): Promise<LocalAws> {
  const { progress, signal, setting, key, states } = options;
  const bundles = path.join(setting.folder.root, 'bundles');
  const host = await postgresHost(setting.folder, process.getuid?.());
  const onEvent = (event: SupervisorEvent) => {
    states.note(event);
    progress.service(event);
  };
  const [servers, aws] = await Promise.allSettled([
    startServices(platformServices(setting, host), { onEvent, signal }),
    progress
      .during('functions', () => bundleWhenChanged(bundles))
      .then(() => startAws(awsOptions(options, setting, bundles, key))),
  ]);
  if (servers.status === 'fulfilled') undo.push(() => servers.value.stop());
  if (aws.status === 'fulfilled') undo.push(() => aws.value.stop());
  if (servers.status === 'rejected') throw servers.reason;
  if (aws.status === 'rejected') throw aws.reason;
  signal.throwIfAborted();
  return aws.value;
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

function installOptions({ programs, env, home, progress, signal }: StartOptions): InstallOptions {
  const { maven, python, pythonVersion } = programs;
  const cache = cacheFolder(env, process.platform, home);
  return { cache, tools: { maven, python, pythonVersion, env, signal }, onEvent: progress.install };
}
