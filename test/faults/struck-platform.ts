import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { send } from '../../local/supervisor/end-process.ts';
import { type CheckedAll, checkAll } from '../e2e/checker.ts';
import { type Running, start } from '../e2e/command.ts';
import { openPath, type Path, pipeline, until } from '../e2e/path.ts';
import { driversOf, processesIn } from '../e2e/processes.ts';
import type { SourceServer } from '../source-server/server.ts';

/** The platform as a person runs it: `npm run local`, in processes of its own, so that all of it can be killed. */
export interface Platform {
  readonly running: Running;
  readonly path: Path;
}

export async function startPlatform(source: string): Promise<Platform> {
  const running = start(
    `npm run local -- --data ${inject('data')} --port-base 29100 --no-airflow --pipeline random-users --source ${source}`,
  );
  await until('the platform to be ready', 900, async () => {
    if (running.child.exitCode !== null) throw new Error(`the platform did not start: ${running.said()}`);
    return running.said().includes('Ready after') || undefined;
  });
  const path = await openPath();
  // A server that is killed breaks idle connections, which nobody is waiting on.
  path.database.on('error', () => undefined);
  return { running, path };
}

const recordsOfRun = 500;

/** Asks for runs one after the other, as the schedule does: the call is accepted, and what becomes of it is not awaited. */
export async function load({ steps }: Path, instants: readonly string[]): Promise<void> {
  for (const instant of instants) {
    await steps.wake('extract', { pipeline: pipeline.name, instant, records: recordsOfRun });
    await sleep(300);
  }
}

/** Waits until the tables hold some records of these runs, and not yet all. */
export async function underLoad({ database }: Path, instants: readonly string[]): Promise<void> {
  await until('some of the load to be covered', 600, async () => {
    const { rows } = await database.query<{ covered: string }>(
      'select coalesce(sum(covered), 0) as covered from accounts where run = any($1)',
      [instants],
    );
    return Number(rows[0]?.covered) > 0 || undefined;
  });
}

/** One that has ended meanwhile, with its runner for example, is dead as well. */
export const kill = (pids: readonly number[]) => {
  for (const pid of pids) send(pid, 'SIGKILL');
};

/** The process of a server, the broker's for example. */
export function serverOf({ data }: Path, service: string): readonly number[] {
  return [(JSON.parse(readFileSync(join(data, 'run', `${service}.pid`), 'utf8')) as { pid: number }).pid];
}

export const sparkOf = ({ data }: Path) => driversOf(data);

/** The processes of one step's function. */
export const functionsOf = ({ data }: Path, step: string) => processesIn(join(data, 'bundles', 'functions', step));

const servers = ['postgres', 'kafka', 'registry', 'cassandra'];
const carriers = ['extract', 'relay', 'audit', 'supervise'];

/** The runner first, so that it starts nothing again. */
export function everythingOf(path: Path): readonly number[] {
  const functions = carriers.flatMap((step) => functionsOf(path, step));
  return [path.platform.runner.pid, ...servers.flatMap((name) => serverOf(path, name)), ...sparkOf(path), ...functions];
}

/** Long enough for what comes back by itself; then settle is called, as the schedule does every hour. */
const patienceMs = 20_000;

/**
 * Waits until every record that the source has served is where it belongs. Answers the seconds since `struckAt`, and how
 * many runs only settle has brought back.
 */
export async function untilWhole(
  path: Path,
  server: SourceServer,
  struckAt: number,
  intervals: readonly (readonly [string, string])[],
): Promise<{ seconds: number; settled: number; records: number }> {
  let settled = 0;
  let last: CheckedAll | string = 'nothing was looked at';
  return until('every served record to be in its place', 900, async () => {
    try {
      if (Date.now() - struckAt > patienceMs) settled += await settle(path, intervals);
      const checked = await checkAll(path, server, 10);
      last = checked;
      const seconds = (Date.now() - struckAt) / 1000;
      if (checked.lost.length === 0) return { seconds, settled, records: checked.records };
    } catch (error) {
      last = String(error);
    }
    await sleep(1000);
    return undefined;
  }).catch((error: Error) => {
    throw new Error(`${error.message}; last seen: ${JSON.stringify(last).slice(0, 2000)}`);
  });
}

async function settle({ steps }: Path, intervals: readonly (readonly [string, string])[]): Promise<number> {
  let asked = 0;
  for (const [from, to] of intervals) {
    const answer = await steps.call<{ instants: string[] }>('settle', { pipeline: pipeline.name, from, to });
    asked += answer.instants.length;
  }
  return asked;
}
