import { once } from 'node:events';
import { clearScreenDown, moveCursor } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Definition } from '../../streaming/definition.ts';
import { noteSchedule } from '../data-folder.ts';
import type { RunningPath } from '../start/start.ts';
import { startTimer } from '../timer.ts';
import { connectTo } from './connect.ts';
import { statusLines } from './status-lines.ts';
import { statusReport } from './status-report.ts';

const liveEveryMs = 1000;
/** Without a terminal a line that stays is worth less often. */
const loggedEveryMs = 30_000;
/** Looking must not cost what it looks at: the pause is at least so many times as long as the look. */
const costShare = 5;

export interface Serving {
  readonly log: (line: string) => void;
  /** Whether somebody watches. */
  readonly isShown: boolean;
  readonly signal: AbortSignal;
}

/** Runs the pipelines on their schedule and shows how they are, until the signal. */
export async function serve(
  path: Pick<RunningPath, 'steps' | 'folder'>,
  pipelines: readonly Definition[],
  { log, isShown, signal }: Serving,
): Promise<void> {
  const names = pipelines.map(({ name }) => name);
  // The first run at once: nobody wants to watch nothing for a minute.
  for (const pipeline of names) await path.steps.wake('extract', { pipeline, time: new Date().toISOString() });
  const timer = startTimer({ pipelines, invoke: path.steps.wake, log });
  noteSchedule(path.folder, names);
  signal.addEventListener('abort', timer.stop, { once: true });
  await showStatus(path.folder.root, { isShown, signal });
}

/** Shows how the pipelines are, when somebody watches, until the signal. */
export async function showStatus(data: string, { isShown, signal }: Omit<Serving, 'log'>): Promise<void> {
  if (isShown) await redraw(data, signal);
  else if (!signal.aborted) await once(signal, 'abort');
}

async function redraw(data: string, signal: AbortSignal): Promise<void> {
  const show = process.stdout.isTTY ? redrawn() : (lines: readonly string[]) => console.log(lines.join('\n'));
  const connected = connectTo(data);
  while (!signal.aborted) {
    const asked = performance.now();
    const lines = statusLines(await statusReport(data, connected));
    if (!signal.aborted) show(lines);
    const pauseMs = process.stdout.isTTY ? liveEveryMs : loggedEveryMs;
    await sleep(Math.max(pauseMs, Math.min(costShare * (performance.now() - asked), loggedEveryMs)), undefined, {
      signal,
    }).catch(() => undefined);
  }
  connected?.steps.close();
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
