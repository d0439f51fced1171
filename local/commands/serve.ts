import { clearScreenDown, moveCursor } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Status } from '../../functions/inspect/inspect.ts';
import type { Definition } from '../../streaming/definition.ts';
import type { RunningPath } from '../start/start.ts';
import { startTimer } from '../timer.ts';
import { statusLines } from './status-lines.ts';

const liveEveryMs = 1000;
/** Without a terminal a line that stays is worth less often. */
const loggedEveryMs = 30_000;

/** Runs the pipelines on their schedule and shows how they are, until the signal. */
export async function serve(
  path: RunningPath,
  pipelines: readonly Definition[],
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  // The first run at once: nobody wants to watch nothing for a minute.
  for (const { name } of pipelines) {
    await path.steps.wake('extract', { pipeline: name, time: new Date().toISOString() });
  }
  const timer = startTimer({ pipelines, invoke: path.steps.wake, log });
  signal.addEventListener('abort', timer.stop, { once: true });
  const show = process.stdout.isTTY ? redrawn() : (lines: readonly string[]) => console.log(lines.join('\n'));
  while (!signal.aborted) {
    const lines = await currentLines(path, pipelines);
    if (!signal.aborted) show(lines);
    await sleep(process.stdout.isTTY ? liveEveryMs : loggedEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

async function currentLines({ steps }: RunningPath, pipelines: readonly Definition[]): Promise<readonly string[]> {
  try {
    return statusLines(await steps.call<Status>('inspect', { question: 'status' }), pipelines, new Date());
  } catch (error) {
    return [` status   cannot be read now: ${error instanceof Error ? error.message : error}`];
  }
}

/** Prints lines over those of the last time. */
function redrawn(): (lines: readonly string[]) => void {
  let height = 0;
  return (lines) => {
    moveCursor(process.stdout, 0, -height);
    clearScreenDown(process.stdout);
    console.log(lines.map((line) => line.slice(0, process.stdout.columns)).join('\n'));
    height = lines.length;
  };
}
