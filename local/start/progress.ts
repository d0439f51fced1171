import type { InstallEvent } from '../install/install.ts';
import type { SupervisorEvent } from '../supervisor/supervised.ts';

/** Who hears how the start goes, and what happens later. */
export interface Progress {
  readonly install: (event: InstallEvent) => void;
  readonly service: (event: SupervisorEvent) => void;
  /** One line for whoever watches the start. */
  readonly note: (line: string) => void;
  /** One line about something that happened by itself, such as a job run that ended. */
  readonly log: (line: string) => void;
  /** Says when a part of the start began and ended. */
  during<T>(part: string, work: () => Promise<T>): Promise<T>;
}

/** Often enough to see that a download lives. */
const fetchLineMs = 5000;

/** Prints one line when a part of the start is done, and now and then one while something is downloaded. */
export function printedProgress(print: (line: string) => void, log: (line: string) => void): Progress {
  const done = (part: string, seconds: number) =>
    print(`  ${part.padEnd(10)} ready   ${seconds.toFixed(1).padStart(5)} s`);
  return {
    install: printedInstall(print),
    service: ({ service, state, seconds, detail }) => {
      if (state === 'healthy') done(service, seconds);
      if (state === 'crashed' || state === 'restarting' || state === 'failed')
        print(`  ${service} ${state}: ${detail ?? ''}`);
    },
    note: print,
    log,
    async during(part, work) {
      const started = performance.now();
      const result = await work();
      done(part, (performance.now() - started) / 1000);
      return result;
    },
  };
}

function printedInstall(print: (line: string) => void): Progress['install'] {
  let printedAt = Number.NEGATIVE_INFINITY;
  const isDue = () => performance.now() - printedAt > fetchLineMs;
  return ({ component, state, seconds, file }) => {
    const name = component.padEnd(10);
    if (state === 'ready') print(`  ${name} installed in ${seconds.toFixed(0)} s`);
    if (state !== 'downloading' || (file !== undefined && !isDue())) return;
    print(`  ${name} fetching ${file ?? '...'}`);
    printedAt = performance.now();
  };
}
