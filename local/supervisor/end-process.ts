import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, type ProcessMark } from './process.ts';

const pollMs = 50;
const killSeconds = 10;

/** Ends a process that leads a group of its own: asks it, then kills the group, and waits until it is gone. */
export async function endProcess(mark: ProcessMark, signal: NodeJS.Signals, seconds: number): Promise<void> {
  send(mark.pid, signal);
  if (await isGoneWithin(mark, seconds)) return;
  send(-mark.pid, 'SIGKILL');
  if (await isGoneWithin(mark, killSeconds)) return;
  throw new Error(
    `Process ${mark.pid} is still there ${killSeconds} s after SIGKILL. Look for a hanging disk; restart the machine.`,
  );
}

/** Sends a signal to a process, or to a group by a negative number; one that has gone meanwhile is no error. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function isGoneWithin(mark: ProcessMark, seconds: number): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000;
  while (isSameProcess(mark)) {
    if (performance.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}
