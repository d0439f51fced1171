import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Definition } from '../../streaming/definition.ts';
import { airflowPlace, startAirflow } from '../airflow/airflow.ts';
import type { AwsCredentials } from '../aws/signature.ts';
import { endLeftovers } from '../commands/leftovers.ts';
import { type Credentials, keyPair, loadCredentials } from '../credentials.ts';
import { type DataFolder, lockDataFolder, openDataFolder, type Platform, writeJson } from '../data-folder.ts';
import { claimDataFolder } from '../data-version.ts';
import { withDiskProblem } from '../disk.ts';
import { cacheFolder } from '../install/cache.ts';
import { type InstallOptions, install, removeDamaged } from '../install/install.ts';
import { postgresHost } from '../install/postgres-host.ts';
import { choosePorts, type Ports } from '../ports.ts';
import type { Programs } from '../prerequisites.ts';
import { platformServices } from '../services/platform.ts';
import { classPath, lightJvm, type Setting } from '../services/setting.ts';
import type { StepClient } from '../step-client.ts';
import { keepLogs } from '../supervisor/log-keeper.ts';
import type { SupervisorEvent } from '../supervisor/supervised.ts';
import { startServices } from '../supervisor/supervisor.ts';
import { thisMachine } from './aws-options.ts';
import { bundleWhenChanged } from './bundles.ts';
import type { Progress } from './progress.ts';
import { startOn, type Undo } from './start-on.ts';
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

type Started = Omit<RunningPath, 'trace' | 'stop'>;

async function startInOrder(options: StartOptions, undo: Undo): Promise<Started> {
  const setting = await settingOf(options, undo);
  try {
    return await startOnServers(setting, options, undo);
  } catch (error) {
    throw options.signal.aborted ? error : whyNot(error, options);
  }
}

async function startOnServers(setting: Setting, options: StartOptions, undo: Undo): Promise<Started> {
  const { progress, signal, programs, source, spark } = options;
  const { folder, ports, credentials, installed } = setting;
  const bundles = path.join(folder.root, 'bundles');
  const host = await postgresHost(folder, process.getuid?.());
  const key = keyPair();
  const airflow = options.airflow && airflowPlace(folder, ports);
  const kafkaTools = {
    command: [programs.java, '-Xmx256m', ...lightJvm, '-cp', classPath(installed.kafka)],
    loginFile: path.join(folder.config('kafka'), 'reader.properties'),
  };
  const { steps, aws, noteState } = await startOn(
    setting,
    {
      ...{ source, spark, cluster: thisMachine, airflowKey: key, progress, signal },
      servers: (onEvent) => startServices(platformServices(setting, host), { onEvent, signal }),
      bundles: () => bundleWhenChanged(bundles).then(() => bundles),
      platform: () => ({ kafkaTools, ...(airflow && { airflow }) }),
    },
    undo,
  );
  const { stop } = startBeside({ ...options, setting, key, noteState }, aws.url);
  undo.push(stop);
  return { steps, folder, ports, credentials, ...(airflow && { airflow }) };
}

/** Airflow, last and in parallel: the path is ready without it. */
function startBeside(options: BesideOptions, url: string): { stop(): Promise<void> } {
  const { airflow: pipelines, setting, key, noteState, progress } = options;
  if (pipelines === undefined) return { stop: async () => undefined };
  const onEvent = (event: SupervisorEvent) => {
    noteState(event);
    progress.log(`${event.service} ${event.state} after ${event.seconds.toFixed(1)} s ${event.detail ?? ''}`.trimEnd());
    // It comes up behind the status that is shown by then; only what is wrong is said in between.
    if (event.state === 'failed') progress.service(event);
  };
  return startAirflow({ ...setting, aws: { url, key }, pipelines, install: installOptions(options), onEvent });
}

/** Servers of one kind know nothing of what those of the other keep. */
function requireForThisMachine({ root }: DataFolder): void {
  if (!existsSync(path.join(root, 'containers.json'))) return;
  throw new Error(
    `The data folder ${root} belongs to a path in containers. Go on with --docker, or choose another: --data DIR.`,
  );
}

/** What everything is made from: a data folder that is ours alone, what is installed, and free ports. */
async function settingOf(options: StartOptions, undo: Undo): Promise<Setting> {
  const { data, portBase, progress, programs } = options;
  const folder = openDataFolder(data);
  undo.push(lockDataFolder(folder));
  claimDataFolder(folder);
  requireForThisMachine(folder);
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

interface BesideOptions extends StartOptions {
  readonly setting: Setting;
  /** What Airflow calls with. */
  readonly key: AwsCredentials;
  readonly noteState: (event: SupervisorEvent) => void;
}

function installOptions({ programs, env, home, progress, signal }: StartOptions): InstallOptions {
  const { maven, python, pythonVersion } = programs;
  const cache = cacheFolder(env, process.platform, home);
  return { cache, tools: { maven, python, pythonVersion, env, signal }, onEvent: progress.install };
}
