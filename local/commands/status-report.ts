import path from 'node:path';
import type { Status } from '../../functions/inspect/inspect.ts';
import { pipelines as definitions } from '../../streaming/pipelines/index.ts';
import { nextInstant, runName } from '../../streaming/schedule.ts';
import { type Platform, readPlatform, runnerOf } from '../data-folder.ts';
import { type ServiceState, statesOf } from '../service-states.ts';
import type { StepClient } from '../step-client.ts';
import { whenFree } from '../when-free.ts';
import { connectTo } from './connect.ts';
import { type Problem, problemsOf } from './status-problems.ts';

/** A pipeline as `inspect` knows it, and what follows from its schedule and the clock. */
export type PipelineReport = Status['pipelines'][number] & {
  /** Whether its instants are run here, by themselves. */
  readonly scheduled: boolean;
  readonly next_instant: string;
  /** Age of the newest instant whose records are all in the tables, in seconds. */
  readonly freshness_seconds: number | null;
};

/** What `status --json` prints; `problems` is empty when all is well. */
export interface StatusReport {
  readonly state: 'stopped' | 'changing' | 'running';
  readonly runner: { readonly pid: number; readonly since: string } | null;
  readonly services: readonly ServiceState[];
  /** Where a person finds Airflow, and the file with the password. */
  readonly airflow: NonNullable<Platform['airflow']> | null;
  readonly generation: Status['generation'];
  readonly pipelines: readonly PipelineReport[];
  readonly problems: readonly Problem[];
}

export type Found = Omit<StatusReport, 'problems'> & {
  /** Why the pipelines could not be read. */
  readonly unreadable?: string;
};

/** How everything on a data folder is; answers also when nothing runs there, or half of it. */
export async function statusReport(data: string, connected = connectTo(data)): Promise<StatusReport> {
  const root = path.resolve(data);
  const runner = runnerOf(root);
  const known = {
    runner: runner === undefined ? null : { pid: runner.pid, since: runner.since.toISOString() },
    services: runner === undefined ? [] : statesOf(root),
    airflow: readPlatform(root)?.airflow ?? null,
  };
  if (runner === undefined || connected === undefined) {
    const state = runner === undefined ? 'stopped' : 'changing';
    return judged({ state, ...known, generation: null, pipelines: [] }, data);
  }
  const scheduled = readPlatform(root)?.scheduled ?? [];
  return judged({ state: 'running', ...known, ...(await read(connected.steps, scheduled)) }, data);
}

function judged(found: Found, data: string): StatusReport {
  const { unreadable: _, ...report } = found;
  return { ...report, problems: problemsOf(found, new Date(), data) };
}

async function read(steps: StepClient, scheduled: readonly string[]) {
  try {
    const { generation, pipelines } = await whenFree<Status>(steps, 'inspect', { question: 'status' });
    const now = new Date();
    return { generation, pipelines: pipelines.map((found) => pipelineReport(found, scheduled, now)) };
  } catch (error) {
    // Told with the other problems: a server that is away is among them.
    return { generation: null, pipelines: [], unreadable: error instanceof Error ? error.message : String(error) };
  }
}

/** Dates come as JSON. */
export function pipelineReport(
  found: Status['pipelines'][number],
  scheduled: readonly string[],
  now: Date,
): PipelineReport {
  const every = definitions.find(({ name }) => name === found.pipeline)?.schedule.every ?? '1m';
  const newest = found.newest_complete;
  return {
    ...found,
    scheduled: scheduled.includes(found.pipeline),
    next_instant: runName(nextInstant(every, now)),
    freshness_seconds: newest === null ? null : Math.round((now.getTime() - new Date(newest).getTime()) / 1000),
  };
}
