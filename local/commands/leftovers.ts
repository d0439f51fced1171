import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { endProcess } from '../supervisor/end-process.ts';
import { readMark } from '../supervisor/process.ts';

/** Ends the servers that a killed runner left behind; answers their names. Call it under the folder's lock. */
export async function endLeftovers(root: string): Promise<readonly string[]> {
  const run = path.join(root, 'run');
  if (!existsSync(run)) return [];
  const left = readdirSync(run).flatMap((name) => {
    const mark = readMark(path.join(run, name));
    return mark === undefined ? [] : [{ name: path.basename(name, '.pid'), mark }];
  });
  await Promise.all(left.map(({ mark }) => endProcess(mark, 'SIGTERM', 30)));
  return left.map(({ name }) => name);
}
