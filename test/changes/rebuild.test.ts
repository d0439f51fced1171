import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RebuildAnswer, RebuildPreview } from '../../functions/rebuild/rebuild.ts';
import { auditMessage } from '../../streaming/audit.ts';
import { auditTopicOf, topicOf } from '../../streaming/names.ts';
import { copyOfCheckout } from '../checkout.ts';
import { recentDay } from '../days.ts';
import { jsonLines } from '../e2e/command.ts';
import { run } from '../e2e/page.ts';
import { endOffsets, openPath, type Path, pipeline, untilCovered } from '../e2e/path.ts';
import { peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';

const minutes = 60_000;
const day = recentDay('2026-06-01');
const [aged, kept, fresh] = [`${day}T00:00:00Z`, `${day}T00:01:00Z`, `${day}T00:02:00Z`];
const [agedRecords, keptRecords] = [100, 2000];
const table = 'users_again';
const added = `    ${table}: { partition: ['user_id'], only: ['user_id', 'email', 'born'] },\n`;

let checkout: string;
let server: SourceServer;
let at: Path;

async function succeeds(line: string): Promise<string> {
  const { code, output } = await run(line, checkout);
  expect(code, output).toBe(0);
  return output;
}

async function start(): Promise<void> {
  await succeeds('npm run local -- --detach --port-base 24100 --no-airflow --source sample --pipeline random-users');
  at = await openPath(path.join(checkout, '.millrace'));
  at.database.on('error', () => undefined);
}

async function stop(): Promise<void> {
  await at.close();
  await succeeds('npm run local -- --down');
}

async function once(instant: string, records: number): Promise<void> {
  const line = `npm run --silent local -- --once --json --pipeline random-users --instant ${instant} --records ${records}`;
  expect(await succeeds(`${line} --source ${server.url}`)).toMatch(/"verdict":"balanced"/);
}

const rebuild = (args: string) => run(`npm run -s rebuild -- random-users --table ${table} ${args}`, checkout);

async function keysOf(instant: string): Promise<readonly string[]> {
  const { rows } = await at.database.query<{ id: string }>(
    `select payload->>'user_id' as id from landing where pipeline = $1 and run = $2`,
    [pipeline.name, instant],
  );
  return rows.map(({ id }) => id);
}

/** Of a run's people, as a table has them: their cells, each with its write time. */
async function rowsIn(name: string, instant: string): Promise<ReadonlyMap<string, string>> {
  const rows = new Map<string, string>();
  const query = `SELECT email, born, writetime(email) AS at, writetime(born) AS also FROM ${name} WHERE user_id = ?`;
  for (const id of await keysOf(instant)) {
    const found = (await at.tables.execute(query, [id], { prepare: true })).first();
    if (found !== null) rows.set(id, found.values().map(String).join(' | '));
  }
  return rows;
}

/** How the replay came on, by the job's own clock: how long its reports are on their way is no matter of its rate. */
async function reportsUntil(total: number): Promise<readonly Report[]> {
  const reports: Report[] = [];
  const consumer = at.kafka.consumer({ groupId: 'rebuild-test' });
  await consumer.connect();
  await consumer.subscribe({ topic: auditTopicOf(pipeline), fromBeginning: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message }: kafkajs.EachMessagePayload) => {
        const said = auditMessage.parse(JSON.parse(String(message.value)));
        if (said.kind !== 'rebuilt') return;
        reports.push({ ms: Number(message.timestamp), replayed: said.replayed });
        if (said.replayed === total) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return reports;
}

interface Report {
  readonly ms: number;
  readonly replayed: number;
}

describe('A rebuild of a table that came later', { timeout: 20 * minutes }, () => {
  beforeAll(async () => {
    checkout = copyOfCheckout({ installed: true });
    server = await startSourceServer({ people: peopleOf('rebuild'), newInEachRun: true });
    await start();
    await once(aged, agedRecords);
    const ends = await endOffsets(at);
    await once(kept, keptRecords);
    // As if the topic kept nothing from before the second run.
    const admin = at.kafka.admin();
    await admin.connect();
    const partitions = Object.entries(ends).map(([partition, offset]) => ({
      partition: Number(partition),
      offset: String(offset),
    }));
    // The client deletes only from a topic that it has asked about.
    await admin.fetchTopicOffsets(topicOf(pipeline));
    await admin.deleteTopicRecords({ topic: topicOf(pipeline), partitions });
    await admin.disconnect();
    await stop();
    const file = path.join(checkout, 'streaming/pipelines/random-users/pipeline.ts');
    const before = '    users_by_country: {\n';
    writeFileSync(file, readFileSync(file, 'utf8').replace(before, added + before));
    await succeeds('npm run definitions -- --keep');
    await start();
    await once(fresh, agedRecords);
  }, 40 * minutes);

  afterAll(async () => {
    await at?.close();
    await server?.stop();
    await run('npm run local -- --down && npm run reset -- --data .millrace --yes', checkout);
    rmSync(checkout, { recursive: true, force: true });
  }, 10 * minutes);

  it('finds it with what came since, and without what was before', async () => {
    expect((await rowsIn(table, fresh)).size).toBe(agedRecords);
    for (const instant of [aged, kept]) expect((await rowsIn(table, instant)).size).toBe(0);
  });

  it('says what it would do and what is beyond the topic, and does nothing, unless it is told to', async () => {
    const { code, output } = await rebuild('');
    expect(output).toMatch(/users_again: \d+ records on the topic/);
    expect(output).toMatch(new RegExp(`instants are older than the topic keeps: ${aged}.*add --refetch`));
    expect(output).toContain('Nothing was changed');
    expect(code).toBe(1);
    expect((await rowsIn(table, kept)).size).toBe(0);
  });

  it.each([
    ['a table that has been there from the beginning', '--table users', 'expected an empty one'],
    ['a table of no definition', '--table nobody', 'expected one of users, users_again, users_by_country'],
  ])('is refused for %s', async (_what, args, problem) => {
    const { code, output } = await run(`npm run -s rebuild -- random-users ${args} --yes`, checkout);
    expect([code, output]).toEqual([1, expect.stringContaining(problem)]);
  });

  it('fills in what the topic still has, row by row as the other table, no faster than it may', async () => {
    const { code, output } = await rebuild('--rate 500 --yes --json');
    const [answer] = jsonLines<RebuildAnswer>(output);
    expect(answer, output).toMatchObject({ done: true, dead: 0, expired: 0 });
    expect(answer?.stored).toBe(answer?.total);
    expect(answer?.total).toBeGreaterThanOrEqual(keptRecords);
    // What is beyond the topic is still lacking.
    expect(code).toBe(1);
    expect(await rowsIn(table, kept)).toEqual(await rowsIn('users', kept));
    expect((await rowsIn(table, kept)).size).toBe(keptRecords);
    expect((await rowsIn(table, aged)).size).toBe(0);
    const reports = await reportsUntil(answer?.total ?? Number.NaN);
    expect(reports.length).toBeGreaterThan(3);
    // Between the first report and the last lie all parts but these two, whatever time one of them took.
    const [first, last] = [reports[0], reports.at(-1)] as [Report, Report];
    const between = (reports.at(-2)?.replayed ?? Number.NaN) - first.replayed;
    expect((between / (last.ms - first.ms)) * 1000).toBeLessThanOrEqual(510);
  });

  it('asks the source again for what the topic has no more, as a run of its own with the versions of then', async () => {
    const before = await rowsIn('users', aged);
    const { code, output } = await rebuild('--refetch --yes');
    expect([code, output]).toEqual([0, expect.stringMatching(/\d instants landed once more/)]);
    await untilCovered(at, 400);
    expect(await rowsIn(table, aged)).toEqual(before);
    expect(await rowsIn('users', aged)).toEqual(before);
    const { rows } = await at.database.query(
      'select landed::int, stored::int, dead::int, closed from accounts where run = $1',
      [`refetch:${table}:${aged}`],
    );
    expect(rows).toEqual([{ landed: agedRecords, stored: agedRecords, dead: 0, closed: true }]);
  });

  it('is refused once nothing is lacking', async () => {
    const { code, output } = await rebuild('--refetch --yes');
    expect([code, output]).toEqual([1, expect.stringContaining('it has been rebuilt')]);
    const [preview] = jsonLines<RebuildPreview>((await rebuild('--json')).output);
    expect(preview).toBeUndefined();
  });

  it('has reported no coverage and no dead letter, and is on file with who asked', async () => {
    const { rows } = await at.database.query(
      "select who, asked, answer from operations where verb = 'rebuild' order by id limit 1",
    );
    expect(rows).toEqual([
      {
        who: expect.stringMatching(/./),
        asked: expect.objectContaining({ table, rate: 500, refetch: false }),
        answer: expect.objectContaining({ total: expect.any(Number) }),
      },
    ]);
    const { rows: generations } = await at.database.query(
      'select distinct generation from coverage_reports except select generation from job_generations',
    );
    expect(generations).toEqual([]);
  });
});
