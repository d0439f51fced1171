import { chmodSync, chownSync, existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { airflowFiles } from '../airflow/config.ts';
import { writeDags } from '../airflow/dags.ts';
import { loadAirflowSecrets } from '../airflow/secrets.ts';
import { endWith } from '../commands/end.ts';
import { loadCredentials } from '../credentials.ts';
import type { DataFolder } from '../data-folder.ts';
import { claimDataFolder } from '../data-version.ts';
import { writeConfig } from '../services/setting.ts';
import { type Configuration, configurationOf } from './configuration.ts';
import { folderInContainers, keepers, portsOf, settingInContainers, users } from './place.ts';
import { loadContainerSecrets } from './secrets.ts';

/** Writes what the containers need, and gives each what is its own; may run again before every start. */
async function init(): Promise<number> {
  const folder = folderInContainers();
  claimDataFolder(folder);
  requireOurVolumes(folder);
  const setting = settingInContainers(folder, portsOf(process.env), loadCredentials(folder.credentials));
  const airflow = loadAirflowSecrets(path.join(folder.root, 'airflow.json'));
  const containers = loadContainerSecrets(path.join(folder.root, 'containers.json'));
  const configuration = configurationOf(setting, { airflow, containers });
  writeDags(airflowFiles(folder).dags, pipelines);
  for (const files of configuration.values()) for (const [file, text] of Object.entries(files)) writeConfig(file, text);
  giveAway(folder, configuration);
  console.log(`Configuration and passwords are in place, for ports from ${setting.ports.postgres}.`);
  return 0;
}

/** A password and the server that knows it are born together: a volume of another birth would only lock everybody out. */
function requireOurVolumes({ id, root }: DataFolder): void {
  for (const name of keepers) {
    const volume = path.join(root, 'data', name);
    const mark = path.join(volume, 'belongs-to');
    const owner = existsSync(mark) ? readFileSync(mark, 'utf8').trim() : undefined;
    const isEmpty = readdirSync(volume).length === 0;
    if (owner !== id && !isEmpty) {
      throw new Error(
        `The volume of ${name} should be empty or belong to ${id}, the folder with the passwords; it belongs to ` +
          `${owner ?? 'nobody'}. Remove the volumes and start over: docker compose -f local/compose.yaml down -v`,
      );
    }
    writeFileSync(mark, `${id}\n`);
  }
}

function giveAway(folder: DataFolder, configuration: Configuration): void {
  const millrace = process.env['MILLRACE_USER'] ?? '10001:10001';
  const config = path.join(folder.root, 'config');
  const data = path.join(folder.root, 'data');
  const apart = [config, ...keepers.map((name) => path.join(data, name))];
  give(folder.root, millrace, apart);
  // Everybody passes; nobody but its owner looks into one of the folders inside.
  chmodSync(config, 0o755);
  for (const name of configuration.keys()) give(path.join(config, name), name === 'millrace' ? millrace : users[name]);
  for (const name of keepers) {
    const kept = path.join(data, name);
    give(kept, users[name], [folder.data(name)]);
  }
  give(folder.data('airflow'), users.airflow);
}

/** A file, or a folder with all that lies in it but what stays apart. */
function give(file: string, user: string, apart: readonly string[] = []): void {
  const [uid, gid] = user.split(':').map(Number) as [number, number];
  chownSync(file, uid, gid);
  if (!lstatSync(file).isDirectory()) return;
  for (const name of readdirSync(file)) {
    const inside = path.join(file, name);
    if (!apart.includes(inside) && !lstatSync(inside).isSymbolicLink()) give(inside, user, apart);
  }
}

await endWith(init);
