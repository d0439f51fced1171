import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface LocalStack {
  readonly endpoint: string;
  stop(): Promise<void>;
}

interface Start {
  /** The Python that has it. */
  readonly python: string;
  /** Everything that it writes goes there. */
  readonly folder: string;
  /** A free one. */
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly seconds?: number;
}

const launcher = path.join(import.meta.dirname, 'loopback.py');
const linesShown = 20;
const stopSeconds = 10;

/** Starts LocalStack without Docker on this machine; throws when it is not ready in time. */
export async function startLocalStack({
  python,
  folder,
  port,
  env,
  signal,
  seconds = 180,
}: Start): Promise<LocalStack> {
  const address = `127.0.0.1:${port}`;
  mkdirSync(folder, { recursive: true });
  // A group of its own: Ctrl-C at a terminal is for us, who end it when the rehearsal is over.
  const child = spawn(python, [launcher], {
    env: { PATH: env['PATH'], HOME: folder, TMPDIR: folder, ...settings(address, folder) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  try {
    await readyWithin(child, seconds, signal);
  } catch (error) {
    await stop(child);
    throw error;
  }
  return { endpoint: `http://${address}`, stop: () => stop(child) };
}

/** Says nothing to its makers, downloads nothing, answers with addresses that need no DNS. */
const settings = (address: string, folder: string) => ({
  GATEWAY_LISTEN: address,
  LOCALSTACK_HOST: address,
  SQS_ENDPOINT_STRATEGY: 'path',
  DNS_ADDRESS: '0',
  DISABLE_EVENTS: '1',
  SKIP_SSL_CERT_DOWNLOAD: '1',
  FILESYSTEM_ROOT: folder,
});

/** Its output is read on afterwards, lest it fills up. */
function readyWithin(child: ChildProcess, seconds: number, signal: AbortSignal): Promise<void> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new Error([`LocalStack ${what}. Its last lines:`, ...said].join('\n  ')));
    const timer = setTimeout(() => fail(`is not ready after ${seconds} s`), seconds * 1000);
    signal.addEventListener('abort', () => fail('was interrupted'), { once: true });
    child.once('error', ({ message }) => fail(`could not be started: ${message}`));
    child.once('close', (code, killedBy) => fail(`ended with ${code ?? killedBy} before it was ready`));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream as NodeJS.ReadableStream).on('line', (line) => {
        said.push(line);
        said.splice(0, said.length - linesShown);
        if (line === 'Ready.') resolve();
      });
    }
    child.once('close', () => clearTimeout(timer));
    if (signal.aborted) fail('was interrupted');
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  const timer = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), stopSeconds * 1000);
  await ended;
  clearTimeout(timer);
}
