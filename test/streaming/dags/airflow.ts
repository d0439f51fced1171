import { spawnSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../../../local/install/cache.ts';
import { installAirflow } from '../../../local/install/install.ts';
import { checkPrerequisites } from '../../../local/prerequisites.ts';

/** The Python of the project's Airflow, installed unless it is there. */
export async function airflowPython(): Promise<string> {
  const cache = cacheFolder(process.env, process.platform, os.homedir());
  const { programs } = checkPrerequisites({ env: process.env, folders: [cache] });
  if (programs === undefined) throw new Error('Java, Maven or Python is missing: npm run local -- --check says which');
  return installAirflow({ cache, tools: { ...programs, env: process.env } });
}

interface ParsedTask {
  readonly id: string;
  /** Tasks before it. */
  readonly after: readonly string[];
  readonly mapped: boolean;
  readonly function: string | null;
  readonly payload: string | null;
  readonly connection: string | null;
  readonly client: { readonly read_timeout: number; readonly retries: { readonly max_attempts: number } } | null;
  readonly retries: number;
  readonly most: number | null;
  readonly mode: string | null;
}

export interface Parsed {
  /** By file. */
  readonly errors: Readonly<Record<string, string>>;
  /** Of a processor. */
  readonly seconds: number;
  readonly dags: readonly {
    readonly id: string;
    /** Of a form, which only a person starts, null. */
    readonly timetable: { readonly expression: string; readonly timezone: string } | null;
    readonly catchup: boolean;
    readonly form: Readonly<Record<string, object>>;
    /** The call that tells of a run that failed. */
    readonly tells: { readonly function_name: string; readonly invocation_type: string; readonly payload: string };
    readonly tasks: readonly ParsedTask[];
    readonly serialized: object;
  }[];
}

/** What Airflow makes of a folder of DAG files; nothing of this machine's environment reaches them. */
export function parseWith(python: string, folder: string, home: string): Parsed {
  const { stdout, stderr } = spawnSync(python, ['-E', '-s', path.join(import.meta.dirname, 'parse.py'), folder], {
    env: { PATH: process.env['PATH'], AIRFLOW_HOME: home, AIRFLOW__CORE__LOAD_EXAMPLES: 'False' },
    encoding: 'utf8',
  });
  // Airflow logs before it.
  const answer = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!answer.startsWith('{')) throw new Error(stderr);
  return JSON.parse(answer) as Parsed;
}
