import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Definition } from '../../streaming/definition.ts';

export interface FirstRun {
  readonly root: string;
  readonly definition: Definition;
  readonly portBase: number | undefined;
}

/**
 * Runs the new pipeline once on the real servers, with its sample, and shows rows of every table: the commands that
 * anybody would type, in a data folder of their own. Answers whether the run balanced.
 */
export async function firstRun({ root, definition, portBase }: FirstRun): Promise<boolean> {
  const data = mkdtempSync(path.join(os.tmpdir(), `millrace-${definition.name}-`));
  const run = (verb: string, ...args: readonly string[]) => npmRun(root, verb, [...args, '--data', data]);
  const chosen = ['--pipeline', definition.name, '--source', 'sample'];
  const ports = portBase === undefined ? [] : ['--port-base', String(portBase)];
  if (!(await run('local', '--detach', ...chosen, ...ports))) return kept(data);
  let isBalanced = false;
  try {
    isBalanced = await run('local', '--once', ...chosen);
    for (const table of Object.keys(definition.tables)) await run('cql', `select * from ${table} limit 3`);
  } finally {
    await run('local', '--down');
  }
  return isBalanced ? run('reset', '--yes') : kept(data);
}

/** What went wrong is in the logs. */
function kept(data: string): false {
  console.log(`\nKept for a look: npm run logs -- --data ${data}; remove it: npm run reset -- --data ${data}`);
  return false;
}

/** As npm would run it, with the terminal of this process. */
async function npmRun(root: string, verb: string, args: readonly string[]): Promise<boolean> {
  const words = args.map((word) => (/^[\w./:-]+$/.test(word) ? word : `"${word}"`));
  console.log(`\n> npm run ${verb} -- ${words.join(' ')}`);
  const child = spawn('npm', ['run', '--silent', verb, '--', ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'close');
  return code === 0;
}
