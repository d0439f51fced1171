import type { InstallEvent } from '../install/install.ts';
import type { SupervisorEvent } from '../supervisor/supervised.ts';

/** Who hears how the start goes, and what happens later. */
export interface Progress {
  readonly install: (event: InstallEvent) => void;
  readonly service: (event: SupervisorEvent) => void;
  /** One line about something that happened by itself, such as a job run that ended. */
  readonly log: (line: string) => void;
  /** Says when a part of the start began and ended. */
  during<T>(part: string, work: () => Promise<T>): Promise<T>;
}

/** Seconds that each part of the start took. */
export type Timings = Readonly<Record<string, number>>;

/** Prints one line when a part begins and one when it is done, and keeps the times. */
export function printedProgress(
  print: (line: string) => void,
  log: (line: string) => void,
): Progress & { timings: Timings } {
  const timings: Record<string, number> = {};
  const done = (part: string, seconds: number) => {
    timings[part] = Math.round(seconds * 10) / 10;
    print(`  ${part.padEnd(10)} ready   ${seconds.toFixed(1).padStart(5)} s`);
  };
  return {
    timings,
    install: ({ component, state, seconds, file }) => {
      if (state === 'downloading') print(`  ${component.padEnd(10)} fetching ${file ?? '...'}`);
      if (state === 'ready') print(`  ${component.padEnd(10)} installed in ${seconds.toFixed(0)} s`);
    },
    service: ({ service, state, seconds, detail }) => {
      if (state === 'healthy') done(service, seconds);
      if (state === 'crashed' || state === 'restarting' || state === 'failed')
        print(`  ${service} ${state}: ${detail ?? ''}`);
    },
    log,
    async during(part, work) {
      const started = performance.now();
      const result = await work();
      done(part, (performance.now() - started) / 1000);
      return result;
    },
  };
}
