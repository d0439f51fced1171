import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BadName } from '../source-server/bad-people.ts';
import { badPeople } from '../source-server/bad-people.ts';
import { peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import { check } from './checker.ts';
import { allRows, endOffsets, instants, once, openPath, type Path, pipeline } from './path.ts';

const minutes = 60_000;
const nextInstant = instants('2026-01-01T00:00:00Z');

describe('The path', () => {
  let path: Path;
  let server: SourceServer;

  beforeAll(async () => {
    path = await openPath();
    server = await startSourceServer();
  });
  afterAll(async () => {
    await server?.stop();
    await path?.close();
  });

  it('carries 20,000 real records from the API into every table, and no other', { timeout: 15 * minutes }, async () => {
    const instant = nextInstant();
    const before = await keysIn(path);
    const { verdict, problems } = await once(path, instant, server.url, 20_000);
    expect(problems).toEqual([]);
    expect(verdict).toMatchObject({
      verdict: 'balanced',
      source: 20_000,
      landing: 20_000,
      topic: 20_000,
      stream: 20_000,
      table: 20_000,
      dead: 0,
    });
    console.log(`20,000 records: ${JSON.stringify(verdict)}`);

    const checked = await check(path, server, instant, 40);
    expect(checked).toEqual({ lost: [], wrong: [], good: 20_000, bad: 0 });
    const added = (await keysIn(path)).map((keys, table) => [...keys].filter((key) => !before[table]?.has(key)).length);
    expect(added).toEqual([20_000, 20_000]);
  });

  it('does nothing anew when the same instant is run twice', { timeout: 25 * minutes }, async () => {
    const instant = nextInstant();
    const first = await once(path, instant, server.url, 500);
    const before = await footprint(path);
    const asked = server.requests.length;
    const second = await once(path, instant, server.url, 500);
    expect(second.verdict).toMatchObject({ verdict: 'balanced', source: 500, table: first.verdict.table });
    expect(await footprint(path)).toEqual(before);
    expect(server.requests).toHaveLength(asked);
  });

  it('refuses a second plan for an instant, showing both', { timeout: 15 * minutes }, async () => {
    const instant = nextInstant();
    await once(path, instant, server.url, 10);
    const other = path.steps.call('extract', { pipeline: pipeline.name, instant, records: 11, source: server.url });
    await expect(other).rejects.toMatchObject({
      code: 'plan_conflict',
      message: expect.stringMatching(/10.*11|11.*10/s),
    });
  });

  it.each([
    ['off the grid', '2026-01-01T00:00:30Z', 'instant_off_grid'],
    ['in the future', '2199-01-01T00:00:00Z', 'instant_in_future'],
  ])('refuses an instant that is %s', async (_, instant, code) => {
    const call = path.steps.call('extract', { pipeline: pipeline.name, instant });
    await expect(call).rejects.toMatchObject({ code });
  });

  it('fails the run, and lands nothing, when the source has no records', { timeout: 25 * minutes }, async () => {
    const empty = await startSourceServer({ people: peopleOf('empty') });
    empty.faults.push({ kind: 'body', body: '{"results":[]}' });
    const instant = nextInstant();
    await expect(once(path, instant, empty.url, 10)).rejects.toMatchObject({ code: 'source_empty' });
    // The instant stays open: asked again, the source answers, and the run is whole.
    const { verdict } = await once(path, instant, empty.url, 10);
    expect(verdict).toMatchObject({ verdict: 'balanced', source: 10, table: 10 });
    await empty.stop();
  });

  it('lets every planted bad record die at its noun for its reason, and balances', {
    timeout: 15 * minutes,
  }, async () => {
    const names = Object.keys(badPeople) as BadName[];
    const planted = new Map(names.map((name, index) => [100 + index * 7, name]));
    const people = peopleOf('planted').slice(0, 1000);
    const hostile = await startSourceServer({ planted, people });
    const instant = nextInstant();
    const { verdict, problems } = await once(path, instant, hostile.url, 1000);
    expect(problems).toEqual([]);
    const atSource = names.filter((name) => badPeople[name].at === 'source').length;
    expect(verdict).toMatchObject({ source: 1000, rejected: atSource, dead: names.length, table: 1000 - names.length });
    expect(await check(path, hostile, instant, 1)).toEqual({
      lost: [],
      wrong: [],
      good: 1000 - names.length,
      bad: names.length,
    });
    await hostile.stop();
  });
});

/** Keys of the rows of each table. */
async function keysIn({ tables }: Path): Promise<ReadonlySet<string>[]> {
  const names = Object.keys(pipeline.tables);
  return Promise.all(names.map(async (name) => new Set((await allRows(tables, name)).keys())));
}

/** Everything that a second run could have changed. */
async function footprint(path: Path) {
  const { rows } = await path.database.query(
    `select (select count(*) from landing) as landing, (select count(*) from pages) as pages,
       (select count(*) from runs) as runs, (select count(*) from dead_letters) as dead`,
  );
  const written = await path.tables.execute('SELECT user_id, writetime(email) FROM users LIMIT 50', [], {
    prepare: true,
  });
  return { ...rows[0], topic: await endOffsets(path), written: written.rows.map(String) };
}
