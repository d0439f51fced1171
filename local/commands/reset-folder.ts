import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { lockDataFolder, openDataFolder, runnerOf } from '../data-folder.ts';
import { Compose } from '../docker/compose.ts';
import { removeDatabase } from '../install/postgres-host.ts';
import { endLeftovers } from './leftovers.ts';
import { stopIt } from './verb-text.ts';

/** What makes a folder one of ours; whoever names another by mistake must not lose it. */
const ours = ['id', 'data', 'config', 'logs', 'run'];
const strangers = ['.git', 'package.json'];

/**
 * The data folder behind a path, undefined when there is none or an empty one; refuses a folder that is not ours and
 * one in use.
 */
export function resettable(data: string): string | undefined {
  if (!existsSync(data)) return undefined;
  const root = realpathSync(data);
  const names = readdirSync(root);
  if (names.length === 0) return undefined;
  if (ours.some((name) => !names.includes(name)) || strangers.some((name) => names.includes(name))) {
    throw new Error(`${root} is not removed: expected a data folder (with ${ours.join(', ')}), got something else.`);
  }
  const runner = runnerOf(root);
  if (runner !== undefined) {
    throw new Error(`A platform runs on ${root} (pid ${runner.pid}). Stop it first: ${stopIt(root)}`);
  }
  return root;
}

/** Removes a data folder and what belongs to it elsewhere; answers what was removed. */
export async function resetFolder(root: string): Promise<readonly string[]> {
  const unlock = lockDataFolder(openDataFolder(root));
  const id = readFileSync(path.join(root, 'id'), 'utf8').trim();
  let leaving: string;
  try {
    await endLeftovers(root);
    if (existsSync(path.join(root, 'containers.json'))) await new Compose(id).down(() => undefined, { volumes: true });
    leaving = takeAway(root);
  } catch (error) {
    unlock();
    throw error;
  }
  const database = removeDatabase({ id });
  rmSync(leaving, { recursive: true });
  return database === undefined ? [root] : [root, database];
}

/** Moves the folder away at once: half a data folder would be taken for a whole one by the next start. */
function takeAway(root: string): string {
  const leaving = `${root}.removing-${process.pid}`;
  try {
    renameSync(root, leaving);
    return leaving;
  } catch (error) {
    // The root of a disk of its own cannot be moved, nor anything in a folder that is not ours to write.
    if (!['EBUSY', 'EACCES', 'EPERM', 'EXDEV'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return takeContentAway(root);
  }
}

/** The servers' data first and the lock last: what is left after a crash between is a whole, emptier data folder. */
function takeContentAway(root: string): string {
  const leaving = path.join(root, `.removing-${process.pid}`);
  const rank = (name: string) => (name === 'data' ? 0 : name === 'lock' ? 2 : 1);
  const names = readdirSync(root).filter((name) => name !== 'lost+found');
  mkdirSync(leaving, { mode: 0o700 });
  for (const name of names.sort((a, b) => rank(a) - rank(b)))
    renameSync(path.join(root, name), path.join(leaving, name));
  return leaving;
}
