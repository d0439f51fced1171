import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dagsManifestOf, type Patience } from '../../streaming/dags-manifest.ts';
import type { Definition } from '../../streaming/definition.ts';

const files = path.join(import.meta.dirname, '../../streaming/dags');

/** Somebody is watching here. */
const patience: Patience = { retries: 2, retrySeconds: 3, pollSeconds: 2 };

/** Fills Airflow's folder with the DAG files, byte by byte, and the manifest of some pipelines beside them. */
export function writeDags(folder: string, pipelines: readonly Definition[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(
    path.join(folder, 'manifest.json'),
    `${JSON.stringify(dagsManifestOf(pipelines, patience), null, 2)}\n`,
  );
  for (const name of readdirSync(files).filter((name) => name.endsWith('.py'))) {
    copyFileSync(path.join(files, name), path.join(folder, name));
  }
}
