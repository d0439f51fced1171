import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import type { Definition } from '../../streaming/definition.ts';
import type { AwsCredentials } from '../aws/signature.ts';
import type { Credentials } from '../credentials.ts';
import { type DataFolder, writeJson } from '../data-folder.ts';
import { airflow as component, type Tools } from '../install/components.ts';
import { type InstallOptions, installAirflow } from '../install/install.ts';
import { runTool } from '../install/tool.ts';
import type { Ports } from '../ports.ts';
import { type Listen, writeConfig } from '../services/setting.ts';
import { rotate } from '../supervisor/log-file.ts';
import type { SupervisorEvent } from '../supervisor/supervised.ts';
import { type Running, startServices } from '../supervisor/supervisor.ts';
import { airflowConfig, airflowEnv, airflowFiles, airflowUrl } from './config.ts';
import { writeDags } from './dags.ts';
import { MetadataDatabase } from './database.ts';
import { administrator, loadAirflowSecrets } from './secrets.ts';
import { airflowServices } from './services.ts';

/** Its name among the services: it stands for the three processes, and for what comes before them. */
const name = 'airflow';

export interface AirflowOptions {
  readonly folder: DataFolder;
  readonly ports: Ports;
  readonly listen: Listen;
  readonly credentials: Credentials;
  /** The local AWS, and the key pair that Airflow calls it with. */
  readonly aws: { readonly url: string; readonly key: AwsCredentials };
  readonly pipelines: readonly Definition[];
  readonly install: InstallOptions;
  readonly onEvent: (event: SupervisorEvent) => void;
}

export interface RunningAirflow {
  /** Ends its start or its processes, and waits until none is left. */
  stop(): Promise<void>;
}

/**
 * Starts Airflow beside a path that is ready, which neither waits for it nor needs it: what goes wrong is told by the
 * status and in Airflow's log.
 */
export function startAirflow(options: AirflowOptions): RunningAirflow {
  const stopping = new AbortController();
  const started = performance.now();
  const say = (state: SupervisorEvent['state'], detail?: string) => {
    const seconds = (performance.now() - started) / 1000;
    options.onEvent({ service: name, state, seconds, ...(detail !== undefined && { detail }) });
  };
  rotate(options.folder.log(name));
  say('preparing');
  const starting = start(options, stopping.signal, () => say('starting')).then(
    (running) => {
      say('healthy');
      return running;
    },
    (error: Error) => {
      if (stopping.signal.aborted) return undefined;
      note(options.folder, error.message);
      say('failed', error.message);
      return undefined;
    },
  );
  return {
    stop: async () => {
      stopping.abort(new Error('Airflow was stopped'));
      await (await starting)?.stop();
    },
  };
}

async function start(options: AirflowOptions, signal: AbortSignal, onStarting: () => void): Promise<Running> {
  const { folder, ports, credentials, aws, pipelines, onEvent } = options;
  const files = airflowFiles(folder);
  const { tools } = options.install;
  const python = await installAirflow({ ...options.install, tools: { ...tools, signal } });

  const secrets = loadAirflowSecrets(files.secrets);
  mkdirSync(files.home, { recursive: true, mode: 0o700 });
  writeConfig(files.config, airflowConfig(options, secrets, files));
  writeJson(files.passwords, { [administrator]: secrets.password });
  writeDags(files.dags, pipelines);
  const env = airflowEnv(files, aws);

  const metadata = new MetadataDatabase(ports.postgres, credentials.postgres.superuser);
  await metadata.provide(secrets.database);
  await migrate(metadata, { mark: markOf(tools), python, env, signal, folder });
  onStarting();
  return startServices(airflowServices({ folder, ports, python, env }), { onEvent, signal });
}

/** What is installed decides how the tables must look. */
const markOf = (tools: Tools) => createHash('sha256').update(component.lock(tools).join()).digest('hex');

interface Migration {
  readonly mark: string;
  readonly python: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly folder: DataFolder;
}

/** Takes seconds even when nothing is to do, so it is asked only when something may be. */
async function migrate(metadata: MetadataDatabase, { mark, python, env, signal, folder }: Migration): Promise<void> {
  if ((await metadata.migratedBy()) === mark) return;
  const args = ['-m', 'airflow', 'db', 'migrate'];
  await runTool({ command: python, args, env, signal, onLine: (line) => note(folder, line) });
  await metadata.noteMigratedBy(mark);
}

function note(folder: DataFolder, line: string): void {
  appendFileSync(folder.log(name), `${line}\n`, { mode: 0o600 });
}

/** Where a person finds Airflow, and the password. */
export function airflowPlace(folder: DataFolder, ports: Ports) {
  return { url: airflowUrl(ports), passwords: airflowFiles(folder).passwords };
}
