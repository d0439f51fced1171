import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'cassandra-driver';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { inject } from 'vitest';
import { connectTo } from '../../local/commands/connect.ts';
import type { Credentials } from '../../local/credentials.ts';
import { readPlatform } from '../../local/data-folder.ts';
import { type OnceResult, runOnce } from '../../local/once/once.ts';
import { connectReader } from '../../local/table-reader.ts';
import type { Definition } from '../../streaming/definition.ts';
import { topicOf } from '../../streaming/names.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';
import { recentDay } from '../days.ts';

export const pipeline = randomUsers;

const minuteMs = 60_000;

/** Clients of the platform that the tests share; the servers' own, so that no code of ours stands between. */
export async function openPath(data = inject('data')) {
  const connected = connectTo(data);
  const platform = readPlatform(data);
  if (connected === undefined || platform === undefined) throw new Error('the platform of the tests does not run');
  const credentials = JSON.parse(readFileSync(path.join(data, 'credentials.json'), 'utf8')) as Credentials;
  const database = new pg.Pool({
    host: '127.0.0.1',
    port: platform.ports.postgres,
    database: 'millrace',
    ...credentials.postgres.prepare,
  });
  // A connection that ends while nobody uses it is replaced.
  database.on('error', () => undefined);
  const tables = await connectReader(connected.tables);
  const { user: username, password } = credentials.kafka.admin;
  const kafka = new kafkajs.Kafka({
    brokers: [`127.0.0.1:${platform.ports.kafka}`],
    sasl: { mechanism: 'scram-sha-512', username, password },
    ssl: false,
    // The default is one second: a busy machine takes longer, and that is not what the tests ask about.
    connectionTimeout: 30_000,
    authenticationTimeout: 30_000,
    requestTimeout: 60_000,
    logLevel: kafkajs.logLevel.NOTHING,
  });
  return {
    data,
    platform,
    credentials,
    steps: connected.steps,
    database,
    tables,
    kafka,
    close: async () => {
      await Promise.all([database.end(), tables.shutdown()]);
      connected.steps.close();
    },
  };
}

export type Path = Awaited<ReturnType<typeof openPath>>;

/** Does a run as `--once` does. */
export function once(
  path: Path,
  instant: string,
  source: string,
  records?: number,
  of: Definition = pipeline,
): Promise<OnceResult> {
  return runOnce(path.steps, path.tables, {
    pipeline: of,
    instant,
    records,
    source,
    startSeconds: 0,
    stallSeconds: 600,
    onProgress: () => undefined,
    signal: AbortSignal.timeout(1_200_000),
  });
}

/** Instants of the tests: in the past, one minute apart, never the same twice, on days that the tables keep. */
export function instants(from: string): () => string {
  let ms = Date.parse(recentDay(from.slice(0, 10)) + from.slice(10));
  return () => {
    const instant = `${new Date(ms).toISOString().slice(0, 19)}Z`;
    ms += minuteMs;
    return instant;
  };
}

/** Every row of a table, by the record's key. */
export async function allRows(tables: Client, table: string): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  const result = await tables.execute(`SELECT * FROM ${table}`, [], { prepare: true, fetchSize: 5000 });
  for await (const row of result)
    rows.set(String(row.get('user_id')), Object.fromEntries(row.keys().map((name: string) => [name, row.get(name)])));
  return rows;
}

export type Row = Readonly<Record<string, unknown>>;

/** Next offset of every partition of the topic. */
export async function endOffsets({ kafka }: Path, of: Definition = pipeline): Promise<Record<number, number>> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topicOf(of));
  await admin.disconnect();
  return Object.fromEntries(offsets.map(({ partition, high }) => [partition, Number(high)]));
}

/** Waits for something that the path does by itself; says what was last seen when it does not come. */
export async function until<T>(what: string, seconds: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(200);
  }
}

/** Waits until the running generation of the job hosts a pipeline, and answers which one that is. */
export function untilHosted(
  { database }: Pick<Path, 'database'>,
  after = 0,
  of: Definition = pipeline,
): Promise<number> {
  return until(`the job to host ${of.name}`, 600, async () => {
    const { rows } = await database.query<{ generation: number }>(
      `select running_generation as generation from pipelines where name = $1 and running_generation > $2
       and running_generation = (select max(generation) from job_generations where state = 'running')`,
      [of.name, after],
    );
    return rows[0]?.generation;
  });
}

/** Waits until the tables have absorbed all that is on the topic. */
export async function untilCovered(path: Path, seconds = 280, of: Definition = pipeline): Promise<void> {
  const ends = await endOffsets(path, of);
  await until(`coverage up to ${JSON.stringify(ends)}`, seconds, async () => {
    const { rows } = await path.database.query<{ partition: number; prefix: string }>(
      'select partition, prefix from topic_accounts where pipeline = $1',
      [of.name],
    );
    const prefixes = new Map(rows.map(({ partition, prefix }) => [partition, Number(prefix)]));
    const isCovered = Object.entries(ends).every(([partition, end]) => (prefixes.get(Number(partition)) ?? 0) >= end);
    return isCovered || undefined;
  });
}
