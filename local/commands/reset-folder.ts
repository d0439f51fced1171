import { existsSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { lockDataFolder, openDataFolder, readPlatform } from '../data-folder.ts';
import { removeDatabase } from '../install/postgres-host.ts';
import { endProcess } from '../supervisor/end-process.ts';
import { readMark } from '../supervisor/process.ts';

/** What makes a folder one of ours; whoever names another by mistake must not lose it. */
const ours = ['id', 'data', 'config', 'logs', 'run'];
const strangers = ['.git', 'package.json'];

/** The data folder behind a path, undefined when there is none; refuses a folder that is not ours and one in use. */
export function resettable(data: string): string | undefined {
  if (!existsSync(data)) return undefined;
  const root = realpathSync(data);
  const names = readdirSync(root);
  if (ours.some((name) => !names.includes(name)) || strangers.some((name) => names.includes(name))) {
    throw new Error(`${root} is not removed: expected a data folder (with ${ours.join(', ')}), got something else.`);
  }
  const running = readPlatform(root);
  if (running !== undefined) {
    throw new Error(
      `A platform runs on ${root} (pid ${running.runner.pid}). Stop it first, with Ctrl-C in its terminal.`,
    );
  }
  return root;
}

/** Removes a data folder and what belongs to it elsewhere; answers what was removed. */
export async function resetFolder(root: string): Promise<readonly string[]> {
  const unlock = lockDataFolder(openDataFolder(root));
  const leaving = `${root}.removing-${process.pid}`;
  const id = readFileSync(path.join(root, 'id'), 'utf8').trim();
  try {
    await endLeftovers(path.join(root, 'run'));
    // At once: half a data folder would be taken for a whole one by the next start.
    renameSync(root, leaving);
  } catch (error) {
    unlock();
    throw error;
  }
  const database = removeDatabase({ id });
  rmSync(leaving, { recursive: true });
  return database === undefined ? [root] : [root, database];
}

/** Servers of a runner that was killed would go on without their files. */
async function endLeftovers(run: string): Promise<void> {
  const marks = readdirSync(run).map((name) => readMark(path.join(run, name)));
  await Promise.all(marks.map((mark) => mark && endProcess(mark, 'SIGTERM', 5)));
}
