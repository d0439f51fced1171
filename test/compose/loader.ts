import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder, fillOnce, folderName } from '../../local/install/cache.ts';
import { runTool } from '../../local/install/tool.ts';

const source = path.join(import.meta.dirname, 'loader');
const files = ['go.mod', 'go.sum', 'main.go'].map((name) => readFileSync(path.join(source, name), 'utf8'));

export const hasGo = spawnSync('go', ['version']).status === 0;

/** What Docker Compose makes of a file: a project, or what it says is wrong. */
export type Loader = (
  file: string,
  profiles: readonly string[],
) => { readonly services: readonly string[] } | { readonly error: string };

/** Docker Compose's own loader, built once for all checkouts of a user. */
export async function buildLoader(): Promise<Loader> {
  const cache = cacheFolder(process.env, process.platform, os.homedir());
  const folder = path.join(cache, folderName('compose-loader', files));
  await fillOnce(folder, (partial) =>
    runTool({
      command: 'go',
      args: ['build', '-buildvcs=false', '-o', path.join(partial, 'loader'), '.'],
      cwd: source,
      env: process.env,
    }),
  );
  return (file, profiles) => {
    const { status, stdout, stderr } = spawnSync(path.join(folder, 'loader'), [file, ...profiles], {
      encoding: 'utf8',
    });
    return status === 0 ? { services: Object.keys(JSON.parse(stdout).services).sort() } : { error: stderr.trim() };
  };
}
