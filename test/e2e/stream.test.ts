import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  CancelJobRunCommand,
  EMRServerlessClient,
  GetJobRunCommand,
  StartJobRunCommand,
} from '@aws-sdk/client-emr-serverless';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import { check } from './checker.ts';
import { instants, once, openPath, type Path, pipeline, until, untilCovered } from './path.ts';
import { driversOf, killAtOnce } from './processes.ts';

const minutes = 60_000;
const nextInstant = instants('2026-03-01T00:00:00Z');

describe('The stream', () => {
  let path: Path;
  let server: SourceServer;
  let emr: EMRServerlessClient;

  beforeAll(async () => {
    path = await openPath();
    server = await startSourceServer({ people: peopleOf('stream') });
    const { aws: endpoint } = path.platform.endpoints;
    emr = new EMRServerlessClient({ endpoint: endpoint ?? '', region: 'us-east-1', credentials: path.credentials.aws });
  });
  afterAll(async () => {
    emr?.destroy();
    await server?.stop();
    await path?.close();
  });

  it('loses and doubles nothing when it is killed under load and its checkpoint is deleted', {
    timeout: 20 * minutes,
  }, async () => {
    const instant = nextInstant();
    const running = once(path, instant, server.url, 20_000);
    await until('some of the run to be covered', 400, async () =>
      (await covered(path, instant)) > 0 ? true : undefined,
    );
    const { generation } = await newest(path);
    killAtOnce(driversOf(path.data));
    removeAtOnce(join(path.data, 'data', 'checkpoints', String(generation)));

    const { verdict, problems } = await running;
    expect(problems).toEqual([]);
    expect(verdict).toMatchObject({ verdict: 'balanced', source: 20_000, stream: 20_000, table: 20_000, dead: 0 });
    expect(await check(path, server, instant, 40)).toEqual({ lost: [], wrong: [], good: 20_000, bad: 0 });
  });

  it('goes on in a new generation from the covered prefix when its job is gone', {
    timeout: 25 * minutes,
  }, async () => {
    await untilCovered(path);
    const before = await newest(path);
    const prefixes = await prefixesOf(path);
    const cancelled = new CancelJobRunCommand({
      applicationId,
      jobRunId: before.job_run,
      shutdownGracePeriodInSeconds: 15,
    });
    await emr.send(cancelled);
    const next = await until('the next generation to read', 280, async () => {
      const found = await newest(path);
      return found.generation > before.generation && found.running === found.generation ? found : undefined;
    });
    expect(next.starting_offsets[pipeline.name]).toEqual(prefixes);

    const { verdict } = await once(path, nextInstant(), server.url, 300);
    expect(verdict).toMatchObject({ verdict: 'balanced', source: 300, table: 300 });
  });

  it('reads all there is and ends in available-now mode; a second job beside the first changes nothing', {
    timeout: 30 * minutes,
  }, async () => {
    await untilCovered(path);
    const { generation } = await newest(path);
    const before = await absorbed(path);
    const { jobRunId } = await emr.send(
      new StartJobRunCommand({
        applicationId,
        executionRoleArn: 'arn:aws:iam::000000000000:role/local',
        clientToken: 'available-now',
        jobDriver: { sparkSubmit: { entryPoint, entryPointArguments: batchArguments(path, generation) } },
      }),
    );
    const state = await until('the job run to end', 1200, async () => {
      const { jobRun } = await emr.send(new GetJobRunCommand({ applicationId, jobRunId }));
      return ['SUCCESS', 'FAILED', 'CANCELLED'].includes(jobRun?.state ?? '') ? jobRun?.state : undefined;
    });
    expect(state).toBe('SUCCESS');
    await untilCovered(path);
    expect(await absorbed(path)).toEqual(before);
  });
});

/** What dies may still write: file by file, the folder would not be empty when its turn comes. */
function removeAtOnce(folder: string): void {
  renameSync(folder, `${folder}.gone`);
  rmSync(`${folder}.gone`, { recursive: true });
}

const applicationId = 'local';
const entryPoint = new URL('../../streaming/job/main.py', import.meta.url).pathname;

/** From the first offset of every partition on, with a checkpoint of its own. */
function batchArguments({ data }: Path, generation: number): string[] {
  return [
    ...['--manifest', join(data, 'data', 'artifacts')],
    ...['--generation', String(generation)],
    ...['--offsets', JSON.stringify({ [pipeline.name]: {} })],
    ...['--checkpoints', join(data, 'data', 'checkpoints-of-the-second')],
    ...['--mode', 'available-now'],
  ];
}

/** What the tables and the accounts hold of everything that ever was on the topic. */
async function absorbed({ database, tables }: Path) {
  const { rows } = await database.query(
    `select (select jsonb_agg(a order by pipeline, run) from accounts a) as accounts,
       (select jsonb_agg(t order by pipeline, partition) from topic_accounts t) as topics,
       (select count(*) from dead_letters) as dead`,
  );
  const written = await tables.execute('SELECT user_id, writetime(email) AS at FROM users LIMIT 500', [], {
    prepare: true,
  });
  return { ...rows[0], written: written.rows.map((row) => `${row['user_id']} ${row['at']}`) };
}

interface Newest {
  readonly generation: number;
  readonly job_run: string;
  readonly starting_offsets: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly running: number | null;
}

async function newest({ database }: Path): Promise<Newest> {
  const { rows } = await database.query<Newest>(
    `select generation, job_run, starting_offsets, (select running_generation from pipelines where name = $1) as running
     from job_generations order by generation desc limit 1`,
    [pipeline.name],
  );
  return rows[0] as Newest;
}

async function covered({ database }: Path, run: string): Promise<number> {
  const { rows } = await database.query<{ covered: string }>(
    'select covered from accounts where pipeline = $1 and run = $2',
    [pipeline.name, run],
  );
  return Number(rows[0]?.covered ?? 0);
}

async function prefixesOf({ database }: Path): Promise<Record<string, number>> {
  const { rows } = await database.query<{ partition: number; prefix: string }>(
    'select partition, prefix from topic_accounts where pipeline = $1',
    [pipeline.name],
  );
  return Object.fromEntries(rows.map(({ partition, prefix }) => [String(partition), Number(prefix)]));
}
