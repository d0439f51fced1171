import type { InstallEvent } from '../install/install.ts';
import type { SupervisorEvent } from '../supervisor/supervised.ts';
import { installProgress } from './install-progress.ts';

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

/** Prints one line when a part of the start is done; downloads have bars where there is a terminal. */
export function printedProgress(
  print: (line: string) => void,
  log: (line: string) => void,
  terminal?: NodeJS.WriteStream,
): Progress {
  const done = (part: string, seconds: number) =>
    print(`  ${part.padEnd(10)} ready   ${seconds.toFixed(1).padStart(5)} s`);
  return {
    install: installProgress(print, terminal),
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
