import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A command of package.json, run as a person runs it. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Everything printed so far, both streams. */
  said(): string;
  ended(): Promise<Ran>;
}

const started: Running[] = [];
const root = new URL('../..', import.meta.url).pathname;

/** Words between spaces, then arguments that may hold spaces themselves. */
export function start(line: string, ...more: readonly string[]): Running {
  const [command = '', ...args] = line.split(' ');
  const child = spawn(command, [...args, ...more], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const said = { out: '', err: '' };
  // Decoded by the stream: a letter of several bytes may come in two pieces.
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    said.out += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    said.err += chunk;
  });
  const exit = once(child, 'close');
  const running: Running = {
    child,
    said: () => said.out + said.err,
    ended: async () => {
      const [code] = await exit;
      return { code: code as number | null, ...said };
    },
  };
  started.push(running);
  return running;
}

export const run = (line: string, ...more: readonly string[]): Promise<Ran> => start(line, ...more).ended();

/** Ctrl-C in a terminal reaches the whole foreground group. */
export function interrupt({ child }: Running): void {
  process.kill(-(child.pid as number), 'SIGINT');
}

/** Ends what a failed test has left running, and waits for it. */
export async function endLeftovers(): Promise<void> {
  const left = started.filter(({ child }) => child.exitCode === null && child.signalCode === null);
  for (const running of left) interrupt(running);
  await Promise.all(left.map((running) => running.ended()));
}

/** The JSON objects among the lines. */
export function jsonLines<T>(out: string): T[] {
  return out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as T);
}
