import { type ChildProcess, spawn } from 'node:child_process';
import { once as event } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Status } from '../../functions/inspect/inspect.ts';
import { cacheFolder } from '../../local/install/cache.ts';
import { removeDatabase } from '../../local/install/postgres-host.ts';
import { checkPrerequisites, formatPrerequisites } from '../../local/prerequisites.ts';
import { printedProgress } from '../../local/start/progress.ts';
import { tableAddress } from '../../local/start/secrets.ts';
import { type RunningPath, startPath } from '../../local/start/start.ts';
import { connectReader } from '../../local/table-reader.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';
import { feedProgram } from './feed.ts';

export const pipeline = randomUsers;
const portBase = 30_100;
const feedPort = 30_190;

export type BenchPath = Awaited<ReturnType<typeof openBench>>;

/** A path of its own for a measurement: fresh data, a source of new people, nothing scheduled; removed afterwards. */
export async function openBench(say: (line: string) => void, data = newDataFolder()) {
  const cache = cacheFolder(process.env, process.platform, os.homedir());
  const found = checkPrerequisites({ env: process.env, folders: [cache, data] });
  if (found.programs === undefined) throw new Error(formatPrerequisites(found, []));
  const feed = await startFeed();
  const source = `http://127.0.0.1:${feedPort}/api/1.4/`;
  const up = await startPath({
    data,
    portBase,
    source,
    programs: found.programs,
    env: process.env,
    home: os.homedir(),
    progress: printedProgress(say, say),
    signal: new AbortController().signal,
  });
  const tables = await connectReader({ ...tableAddress(up.ports), ...up.credentials.cassandra.reader });
  const database = new pg.Pool({
    host: '127.0.0.1',
    port: up.ports.postgres,
    database: 'millrace',
    ...up.credentials.postgres.superuser,
  });
  const stop = async () => {
    feed.kill();
    await Promise.all([tables.shutdown(), database.end()]);
    await up.stop();
  };
  return {
    openedAt: performance.now(),
    data,
    source,
    up,
    tables,
    database,
    steps: up.steps,
    stop,
    close: () => stop().then(() => remove(up, data)),
  };
}

export function newDataFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'millrace-bench-'));
}

function remove(up: RunningPath, data: string): void {
  removeDatabase(up.folder);
  rmSync(data, { recursive: true, force: true });
}

async function startFeed(): Promise<ChildProcess> {
  const feed = spawn(process.execPath, ['--import', 'tsx', feedProgram, String(feedPort)], { stdio: 'inherit' });
  await event(feed, 'spawn');
  for (;;) {
    const isUp = await fetch(`http://127.0.0.1:${feedPort}/?results=1&page=1`).then(
      () => true,
      () => false,
    );
    if (isUp) return feed;
    await sleep(100);
  }
}

/** Totals of the pipeline so far. */
export async function totals({ steps }: Pick<BenchPath, 'steps'>) {
  const { pipelines } = await steps.call<Status>('inspect', { question: 'status', pipeline: pipeline.name });
  const [status] = pipelines;
  if (status === undefined) throw new Error(`${pipeline.name}: expected a status, got none`);
  return status;
}

const stallMs = 180_000;

/** Waits until a total has reached `records`; answers the seconds it took. */
export async function until(bench: BenchPath, total: 'published' | 'covered', records: number): Promise<number> {
  const started = performance.now();
  let last = -1;
  let movedAt = started;
  for (;;) {
    const now = (await totals(bench))[total];
    if (now >= records) return (performance.now() - started) / 1000;
    if (now > last) movedAt = performance.now();
    last = now;
    if (performance.now() - movedAt > stallMs) throw new Error(`${total}: ${now} of ${records}, and no more`);
    await sleep(200);
  }
}

const minuteMs = 60_000;

/** Instants one minute apart, from a month ago: old enough for no schedule to touch, too young to have expired. */
function* minutes(): Generator<string> {
  const first = Math.floor(Date.now() / minuteMs) * minuteMs - 30 * 24 * 60 * minuteMs;
  for (let ms = first; ; ms += minuteMs) yield `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
const instants = minutes();
export const nextInstant = () => instants.next().value as string;

const recordsOfARun = 50_000;

/** Extracts so many records, in runs of at most 50,000; answers the seconds until all of them have landed. */
export async function land({ steps }: BenchPath, records: number): Promise<number> {
  const started = performance.now();
  for (let left = records; left > 0; left -= recordsOfARun) {
    const event = { pipeline: pipeline.name, instant: nextInstant(), records: Math.min(left, recordsOfARun) };
    while (!(await steps.call<{ closed: boolean }>('extract', event).catch(putOff)).closed);
  }
  return (performance.now() - started) / 1000;
}

/** Too much is uncovered, so extract waits: as it does on the schedule. */
async function putOff(error: Error & { code?: string }): Promise<{ closed: boolean }> {
  if (error.code !== 'backpressure') throw error;
  await sleep(500);
  return { closed: false };
}

/** Lands, relays and absorbs so many records, and waits for the end. */
export async function carry(bench: BenchPath, records: number): Promise<number> {
  const started = performance.now();
  const { covered } = await totals(bench);
  await land(bench, records);
  await until(bench, 'covered', covered + records);
  return (performance.now() - started) / 1000;
}
