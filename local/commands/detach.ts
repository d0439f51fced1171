import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDataFolder, readPlatform, runnerOf } from '../data-folder.ts';
import { readyWords } from '../start/trace.ts';
import { GrowingLog } from './growing-log.ts';
import { whatRuns } from './verb-text.ts';

const lookEveryMs = 100;

/**
 * Starts the runner in a session of its own and shows its start. Answers 0 when it is ready, and runs on; 1 when the
 * start failed, which the runner has told by then. A signal before that stops it.
 */
export async function startDetached(
  data: string,
  argv: readonly string[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const file = openDataFolder(data).log('start');
  const child = spawnRunner(argv, file);
  const ended = once(child, 'exit');
  const log = new GrowingLog(file, 1);
  let said = '';
  const show = () =>
    log.read((bytes) => {
      said += bytes.toString();
      process.stdout.write(bytes);
    });
  // The runner says so a moment after the commands can find it.
  const isReady = () => readPlatform(data)?.runner.pid === child.pid && said.includes(readyWords);
  while (!isReady() && isUp(child) && !signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    show();
  }
  if (signal.aborted) child.kill('SIGTERM');
  const runner = runnerOf(data);
  if (!signal.aborted && isReady() && runner !== undefined) {
    child.unref();
    show();
    log.close();
    for (const line of whatRuns(data, runner, readPlatform(data))) say(line);
    return 0;
  }
  await ended;
  show();
  log.close();
  return 1;
}

/** The same command line; its file of output is new with each start. */
function spawnRunner(argv: readonly string[], file: string): ChildProcess {
  const output = openSync(file, 'w', 0o600);
  const script = process.argv[1] as string;
  const child = spawn(process.execPath, [...process.execArgv, script, ...argv, '--background'], {
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  return child;
}

function isUp({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
