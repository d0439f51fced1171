import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Definition } from '../../streaming/definition.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';
import { copyOfCheckout } from '../checkout.ts';
import { recentDay } from '../days.ts';
import { run } from '../e2e/page.ts';
import { openPath, type Path, untilCovered } from '../e2e/path.ts';
import { peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import { type Hands, handsOf } from './hands.ts';

const v1: Definition = randomUsers;
const minutes = 60_000;
const records = 100;
const day = recentDay('2026-07-01');
let checkout: string;
let server: SourceServer;
let at: Path;
let hands: Hands;

const edited = () => path.join(checkout, 'streaming/pipelines/random-users/pipeline.ts');
const edit = (from: string, to: string) => {
  const text = readFileSync(edited(), 'utf8');
  expect(text).toContain(from);
  writeFileSync(edited(), text.replace(from, to));
};

async function succeeds(line: string): Promise<string> {
  const { code, output } = await run(line, checkout);
  expect(code, output).toBe(0);
  return output;
}

async function start(): Promise<void> {
  const line = 'npm run local -- --detach --port-base 28100 --no-airflow --source sample --pipeline random-users';
  await succeeds(line);
  at = await openPath(path.join(checkout, '.millrace'));
  at.database.on('error', () => undefined);
  hands = handsOf(at, server.url);
}

async function stop(): Promise<void> {
  await hands.close();
  await at.close();
  await succeeds('npm run local -- --down');
}

const generation = async () =>
  Number((await at.database.query('select max(generation) as newest from job_generations')).rows[0]?.newest);

/** The run's account once everything is covered, and its rows. */
async function outcome(instant: string) {
  await untilCovered(at, 400);
  const { rows: accounts } = await at.database.query(
    `select landed::int, published::int, stored::int, dead::int, in_flight::int,
       array(select distinct reason from dead_letters d where d.pipeline = a.pipeline and d.run = a.run) as reasons
     from accounts a where pipeline = $1 and run = $2`,
    [v1.name, instant],
  );
  const { rows: keys } = await at.database.query<{ id: string }>(
    "select payload->>'user_id' as id from landing where pipeline = $1 and run = $2",
    [v1.name, instant],
  );
  const rows = await Promise.all(
    keys.map(async ({ id }) =>
      (await at.tables.execute('SELECT * FROM users WHERE user_id = ?', [id], { prepare: true })).first(),
    ),
  );
  return { account: accounts[0], rows: rows.filter((row) => row !== null) };
}

const complete = { landed: records, published: records, stored: records, dead: 0, in_flight: 0, reasons: [] };

const withTitle = "    title: text('name.title').nullable().pii('none'),\n";
const afterField = "    gender: text('gender').pii('quasi'),\n";
const withGreeting = '        greeting: text("concat_ws(\' \', title, last_name)"),\n';
const beforeColumn = '        address: text(\n';

describe('A definition that gains a field and a column', { timeout: 20 * minutes }, () => {
  let v2: Definition;
  let first: string[];

  beforeAll(async () => {
    checkout = copyOfCheckout({ installed: true });
    server = await startSourceServer({ people: peopleOf('change').slice(0, 1000), newInEachRun: true });
    await start();
  }, 30 * minutes);

  afterAll(async () => {
    await hands?.close();
    await at?.close();
    await server?.stop();
    await run('npm run local -- --down && npm run reset -- --data .millrace --yes', checkout);
    rmSync(checkout, { recursive: true, force: true });
  }, 10 * minutes);

  it('is asked to keep what it has gained, and then passes the check', async () => {
    edit(afterField, afterField + withTitle);
    edit(beforeColumn, withGreeting + beforeColumn);
    const before = await run('npm run definitions', checkout);
    expect(before).toMatchObject({
      code: 1,
      output: expect.stringMatching(
        /random-users: has gained version 2 of its schema, column users\.title, column users\.greeting.*--keep/s,
      ),
    });
    await succeeds('npm run definitions -- --keep');
    await succeeds('npm run definitions');
    v2 = ((await import(edited())) as { randomUsers: Definition }).randomUsers;
    expect(Object.keys(v2.record)).toContain('title');
  });

  it('loses nothing while its relay is ahead of the job: old rows and new ones reach the tables', async () => {
    await hands.prepareTopic(v2);
    const old = await hands.land(v1, `${day}T00:00:00Z`, records);
    const fresh = await hands.land(v2, `${day}T00:01:00Z`, records);
    await hands.relay(v2);
    for (const instant of [old, fresh]) {
      const { account, rows } = await outcome(instant);
      expect(account).toMatchObject(complete);
      expect(rows).toHaveLength(records);
    }
    first = [old, fresh];
  });

  it('is served by a new generation after a restart, with a new column and every schema at hand', async () => {
    const before = await generation();
    await stop();
    await start();
    expect(await generation()).toBeGreaterThan(before);
    const schemas = path.join(at.data, 'data/artifacts/schemas');
    const texts = readdirSync(schemas).map((file) => readFileSync(path.join(schemas, file), 'utf8'));
    expect(texts.filter((text) => text.includes('"RandomUsers"'))).toHaveLength(2);
    const { rows } = await at.tables.execute(
      "SELECT column_name FROM system_schema.columns WHERE keyspace_name = 'millrace' AND table_name = 'users'",
    );
    expect(rows.map((row) => row.get('column_name'))).toEqual(expect.arrayContaining(['title', 'greeting']));
  });

  it('reads the old records as they were', async () => {
    for (const instant of first) {
      const { account, rows } = await outcome(instant);
      expect(account).toMatchObject(complete);
      expect(rows.filter((row) => row?.get('first_name') && row.get('title') === null)).toHaveLength(records);
    }
  });

  it('loses nothing while its job is ahead of the relay', async () => {
    const instant = await hands.land(v1, `${day}T00:02:00Z`, records);
    await hands.relay(v1);
    const { account, rows } = await outcome(instant);
    expect(account).toMatchObject(complete);
    expect(rows.filter((row) => row?.get('first_name') && row.get('title') === null)).toHaveLength(records);
  });

  it('fills the new field and the new column', async () => {
    const line = `npm run --silent local -- --once --json --pipeline random-users --instant ${day}T00:03:00Z --records ${records} --source ${server.url}`;
    expect(await succeeds(line)).toMatch(/"verdict":"balanced"/);
    const { rows } = await outcome(`${day}T00:03:00Z`);
    const greeted = rows.filter((row) => row?.get('greeting') === `${row?.get('title')} ${row?.get('last_name')}`);
    expect(greeted).toHaveLength(records);
  });
});

describe('A definition that changes what it has promised is refused by the check, with the way out', () => {
  let copy: string;
  beforeAll(() => {
    copy = copyOfCheckout({ installed: true });
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it.each([
    [
      "concat_ws(' ', first_name, last_name)",
      "concat_ws('-', first_name, last_name)",
      /tables\.users\.full_name: expected text .*, got .*under another name/,
    ],
    [
      "partition: ['country', 'month']",
      "partition: ['country', 'month', 'state']",
      /tables\.users_by_country: expected the key .*, got .*under another name/,
    ],
    [
      'street_number: int(',
      'street_number: text(',
      /record: expected one that version 1 .*new field under another name/,
    ],
    [
      ".pii('quasi'),\n    street_number",
      ".pii('quasi'),\n    title: text('name.title').pii('none'),\n    street_number",
      /record: .*nullable or have a default/,
    ],
  ])('%s -> %s', async (from, to, problem) => {
    const file = path.join(copy, 'streaming/pipelines/random-users/pipeline.ts');
    const original = readFileSync(file, 'utf8');
    expect(original).toContain(from);
    writeFileSync(file, original.replace(from, to));
    const answer = await run('npm run definitions', copy);
    writeFileSync(file, original);
    expect(answer).toMatchObject({ code: 1, output: expect.stringMatching(problem) });
  });
});
