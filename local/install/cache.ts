import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isAlive } from '../supervisor/process.ts';

/** Folder that all checkouts of one user share; MILLRACE_CACHE overrides the habit of the system. */
export function cacheFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string): string {
  if (env['MILLRACE_CACHE']) return path.resolve(env['MILLRACE_CACHE']);
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'millrace');
  return path.join(env['XDG_CACHE_HOME'] || path.join(home, '.cache'), 'millrace');
}

/** Name of a component's folder: other lock, other folder, so a bump never touches what an older checkout uses. */
export function folderName(component: string, lock: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(lock)).digest('hex');
  return `${component}-${hash.slice(0, 12)}`;
}

/**
 * Fills a folder in one step for everybody who looks: it is written under another name and renamed when complete,
 * so a folder that exists is whole, whatever died meanwhile.
 */
export async function fillOnce(folder: string, fill: (partial: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return;
  removeAbandoned(folder);
  const partial = `${folder}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    await fill(partial);
    publish(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Another runner may have published the same component meanwhile: theirs is as good as ours. */
function publish(partial: string, folder: string): void {
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

function removeAbandoned(folder: string): void {
  const parent = path.dirname(folder);
  if (!existsSync(parent)) return;
  const prefix = `${path.basename(folder)}.partial-`;
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(prefix))) {
    if (!isAlive(Number(name.slice(prefix.length)))) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}
