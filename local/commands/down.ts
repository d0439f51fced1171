import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockDataFolder, openDataFolder, type Runner, runnerOf } from '../data-folder.ts';
import { send } from '../supervisor/end-process.ts';
import { isSameProcess } from '../supervisor/process.ts';
import { endLeftovers } from './leftovers.ts';

const lookEveryMs = 100;
/** Cassandra alone may take one minute, the Spark job two; the others and Airflow half a minute each. */
const stopSeconds = 420;

/** Stops what runs on a data folder and waits until nothing of it is left; nothing there is as good. */
export async function down(data: string, say: (line: string) => void): Promise<void> {
  const root = path.resolve(data);
  const runner = runnerOf(root);
  if (runner !== undefined) {
    say(`Stopping the platform on ${data} (pid ${runner.pid}).`);
    send(runner.pid, 'SIGTERM');
    await untilGone(root, runner);
  }
  const left = existsSync(path.join(root, 'id')) ? await endUnderLock(root) : [];
  if (left.length > 0) say(`Ended what a killed runner had left behind: ${left.join(', ')}.`);
  say(runner === undefined && left.length === 0 ? `Nothing runs on the data folder ${data}.` : 'Stopped.');
}

/** Its lock goes last of what it holds, and it itself a moment later. */
async function untilGone(root: string, runner: Runner): Promise<void> {
  const { pid } = runner;
  const deadline = performance.now() + stopSeconds * 1000;
  while (isSameProcess(runner)) {
    if (performance.now() > deadline) {
      throw new Error(
        `The runner (pid ${pid}) is still there after ${stopSeconds} s; ${path.join(root, 'logs', 'runner.log')} may say why. The next start cleans up after: kill -9 ${pid}`,
      );
    }
    await sleep(lookEveryMs);
  }
}

async function endUnderLock(root: string): Promise<readonly string[]> {
  const unlock = lockDataFolder(openDataFolder(root));
  try {
    return await endLeftovers(root);
  } finally {
    unlock();
  }
}
