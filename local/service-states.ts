import { rmSync } from 'node:fs';
import path from 'node:path';
import { readJson, writeJson } from './data-folder.ts';
import { isSameProcess, type ProcessMark } from './supervisor/process.ts';
import type { SupervisorEvent } from './supervisor/supervised.ts';

/** How a server of the platform is, as its supervisor saw it last. */
export interface ServiceState {
  readonly name: string;
  readonly state: SupervisorEvent['state'];
  /** Of its process; null while none runs. */
  readonly pid: number | null;
  /** How often it was started again after a crash. */
  readonly restarts: number;
  /** When it came into this state, ISO 8601. */
  readonly since: string;
}

type Kept = Omit<ServiceState, 'pid'>;

const fileIn = (root: string) => path.join(root, 'services.json');

/** Keeps what the supervisor tells where other commands find it. */
export function keepStates(root: string, log: (line: string) => void) {
  const states = new Map<string, Kept>();
  return {
    note(event: SupervisorEvent): void {
      states.set(event.service, after(states.get(event.service), event, new Date()));
      try {
        writeJson(fileIn(root), [...states.values()]);
      } catch (error) {
        // A full disk must not end the servers.
        log(`the state of ${event.service} could not be kept: ${error instanceof Error ? error.message : error}`);
      }
    },
    remove: (): void => rmSync(fileIn(root), { force: true }),
  };
}

/** The state of a service after an event. */
export function after(before: Kept | undefined, { service, state }: SupervisorEvent, now: Date): Kept {
  const restarts = (before?.restarts ?? 0) + (state === 'restarting' ? 1 : 0);
  return { name: service, state, restarts, since: now.toISOString() };
}

/** The servers of a data folder, in the order of the path; none when nothing was started. */
export function statesOf(root: string): readonly ServiceState[] {
  const kept = readJson<readonly Kept[]>(fileIn(root)) ?? [];
  return kept.map(({ name, ...rest }) => ({ name, pid: pidOf(path.join(root, 'run', `${name}.pid`)), ...rest }));
}

function pidOf(file: string): number | null {
  const mark = readJson<ProcessMark>(file);
  return mark !== undefined && isSameProcess(mark) ? mark.pid : null;
}
