import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder, fillOnce, folderName } from '../../local/install/cache.ts';
import { makeVirtualEnvironment } from '../../local/install/components.ts';
import { checkPrerequisites } from '../../local/prerequisites.ts';

const lock = path.join(import.meta.dirname, 'moto.lock');

/** Starts moto, which keeps what AWS would in its memory, on a free port. */
export async function startMoto(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const python = await installedMoto();
  const server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(server, 'exit');
  const url = await addressOf(server);
  const stop = async () => {
    server.kill();
    await exited;
  };
  return { url, stop };
}

/** It says so on its error output, which is read on lest it fills up. */
function addressOf(server: ChildProcess): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    createInterface(server.stderr as NodeJS.ReadableStream).on('line', (line) => {
      said.push(line);
      const found = /Running on (http:\S+)/.exec(line)?.[1];
      if (found) resolve(found);
    });
    server.once('exit', (code) => reject(new Error(`moto ended with ${code}:\n${said.slice(-15).join('\n')}`)));
  });
}

/** A part of the user's cache like the runner's own, of which the runner itself has no need. */
async function installedMoto(): Promise<string> {
  const cache = cacheFolder(process.env, process.platform, os.homedir());
  const { programs } = checkPrerequisites({ env: process.env, folders: [cache] });
  if (programs === undefined) throw new Error('Java, Maven or Python is missing: npm run local -- --check says which');
  mkdirSync(cache, { recursive: true });
  const folder = path.join(cache, folderName('moto', [readFileSync(lock, 'utf8'), programs.pythonVersion]));
  const python = path.join(folder, 'bin', 'python');
  // The environment links to the user's Python, which an upgrade may have removed.
  if (!existsSync(python)) rmSync(folder, { recursive: true, force: true });
  await fillOnce(folder, (partial) => makeVirtualEnvironment(partial, [lock], { ...programs, env: process.env }));
  return python;
}
