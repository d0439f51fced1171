import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { composeFile, portVariables } from '../../../local/docker/compose.ts';
import { runTool } from '../../../local/install/tool.ts';
import { portsFrom } from '../../../local/ports.ts';
import { markOf } from '../../../local/supervisor/process.ts';
import type { Around } from './around.ts';
import type { Engine } from './engine.ts';
import type { Images } from './images.ts';

/** Beside a native platform, and its tests. */
const portBase = 26_100;
/** From nothing until the job hosts every pipeline, on a machine that is busy. */
const startMinutes = 10;

/** The path in containers, as `docker compose up` has it. */
export interface Containers {
  /** Its data folder as this machine sees it. */
  readonly data: string;
  compose(...args: readonly string[]): Promise<void>;
  /** Starts what does not run, and waits until all is healthy. */
  start(...args: readonly string[]): Promise<void>;
  /** Number of a container's first process. */
  pidOf(service: string): Promise<number>;
  /** Compose's own end, which should leave nothing. */
  down(): Promise<void>;
  remove(): void;
}

export function containers(program: string, engine: Engine, images: Images, around: Around): Containers {
  const data = mkdtempSync(path.join(os.tmpdir(), 'millrace-compose-'));
  const env = { ...around.env, ...variables(data), ...images, DOCKER_HOST: engine.host };
  const run = (args: readonly string[], signal?: AbortSignal) =>
    runTool({ command: program, args: ['--file', composeFile, '--progress', 'plain', ...args], env, signal });
  const intime = () => AbortSignal.any([around.signal, AbortSignal.timeout(startMinutes * 60_000)]);
  return {
    data,
    compose: (...args) => run(args, around.signal),
    start: (...args) => run([...args, '--wait', '--wait-timeout', String(startMinutes * 60)], intime()),
    pidOf: async (service) => {
      const { State } = await engine.ask<{ State: { Pid: number } }>(`containers/millrace-${service}-1/json`);
      return State.Pid;
    },
    down: () => run(['--profile', 'full', 'down', '--volumes']),
    remove: () => rmSync(data, { recursive: true, force: true }),
  };
}

function variables(data: string): NodeJS.ProcessEnv {
  return {
    ...portVariables(portsFrom(portBase)),
    MILLRACE_FOLDER: data,
    // Whoever reads the data folder takes the platform for running as long as this process does.
    MILLRACE_HOST: JSON.stringify({ runner: markOf(process.pid) }),
    MILLRACE_SCHEDULE: 'off',
    MILLRACE_SOURCE: 'sample',
  };
}
