import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { pipelineNamed, pipelines } from '../../streaming/pipelines/index.ts';
import { airflowUrl } from '../airflow/config.ts';
import { MetadataDatabase } from '../airflow/database.ts';
import { loadAirflowSecrets } from '../airflow/secrets.ts';
import { endWith } from '../commands/end.ts';
import { serve } from '../commands/serve.ts';
import { loadCredentials } from '../credentials.ts';
import { type DataFolder, type Platform, removePlatform } from '../data-folder.ts';
import { heldSource, holdSource, unreachable } from '../held-source.ts';
import { platformServices } from '../services/platform.ts';
import type { Setting } from '../services/setting.ts';
import { chooseSource } from '../source-choice.ts';
import { printedProgress } from '../start/progress.ts';
import { type PathOptions, startOn, type Undo } from '../start/start-on.ts';
import { attach } from './attached.ts';
import { folderInContainers, portsOf, postgresInContainers, settingInContainers } from './place.ts';
import { loadContainerSecrets } from './secrets.ts';
import { clusterOf } from './spark.ts';

/** Made when the image is built, of the same sources and so of the same bytes as everywhere. */
const bundles = path.join(import.meta.dirname, '../../bundles');

/** The runner without the servers: the functions, their schedule, and the endpoints of AWS that they call. */
async function run(): Promise<number> {
  const folder = folderInContainers();
  // Of a container that was killed: nobody may take it for this one's.
  removePlatform(folder);
  const signal = untilStopped();
  const setting = settingInContainers(folder, portsOf(process.env), loadCredentials(folder.credentials));
  const undo: Undo = [];
  try {
    const source = await sourceOf(folder.root);
    const { steps } = await startOn(setting, optionsOf(setting, source, signal), undo);
    holdSource(folder.root, source);
    console.log(`The path is up. Source: ${source}.`);
    const scheduled = process.env['MILLRACE_SCHEDULE'] === 'off' ? [] : chosen();
    await serve({ steps, folder }, scheduled, { log: logOf(folder), isShown: false, signal });
    return 0;
  } finally {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  }
}

function optionsOf(setting: Setting, source: string, signal: AbortSignal): PathOptions {
  const { folder, ports, credentials } = setting;
  const secrets = loadContainerSecrets(path.join(folder.root, 'containers.json'));
  const airflow = loadAirflowSecrets(path.join(folder.root, 'airflow.json'));
  const metadata = new MetadataDatabase(ports.postgres, credentials.postgres.superuser);
  return {
    ...{ source, signal, cluster: clusterOf(ports, secrets.spark), airflowKey: secrets.airflow },
    progress: printedProgress(console.log, logOf(folder)),
    servers: async (onEvent) => {
      const running = await attach(platformServices(setting, postgresInContainers), { onEvent, signal });
      // Airflow's place is made whether it comes or not: it may come later.
      await metadata.provide(airflow.database);
      return running;
    },
    bundles: async () => bundles,
    platform: () =>
      host() ?? { airflow: { url: airflowUrl(ports), passwords: path.join(folder.root, 'airflow.json') } },
  };
}

/** What whoever started the containers knows of the machine they run on, in the words of platform.json. */
function host(): Partial<Platform> | undefined {
  const said = process.env['MILLRACE_HOST'];
  return said ? (JSON.parse(said) as Partial<Platform>) : undefined;
}

const chosen = () =>
  process.env['MILLRACE_PIPELINES'] ? process.env['MILLRACE_PIPELINES'].split(',').map(pipelineNamed) : pipelines;

async function sourceOf(root: string): Promise<string> {
  const asked = process.env['MILLRACE_SOURCE'] || undefined;
  const choice = await chooseSource({ asked, held: heldSource(root), unreachable: () => unreachable(chosen()) });
  if (!choice.ok) throw new Error(choice.problem);
  if (choice.note) console.log(choice.note);
  return choice.source;
}

/** For `docker compose logs` and for `npm run logs`. */
function logOf(folder: DataFolder): (line: string) => void {
  return (line) => {
    console.log(line);
    appendFileSync(folder.log('runner'), `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
  };
}

function untilStopped(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => stopping.abort(new Error(`stopped by ${name}`)));
  return stopping.signal;
}

await endWith(run);
