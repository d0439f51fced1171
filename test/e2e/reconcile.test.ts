import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReconcileAnswer } from '../../functions/reconcile/reconcile.ts';
import type { Compared } from '../../local/reconcile/deep.ts';
import { closeDay } from '../airflow/planted.ts';
import { dayAfter, recentDay } from '../days.ts';
import { jsonLines, run } from './command.ts';
import { once, openPath, type Path, pipeline } from './path.ts';

/** Months 09 and 10 are this file's; every sampled run has people of its own. */

const minutes = 60_000;
const records = 50;
type Reconciled = ReconcileAnswer & { readonly verdict: string; readonly deep?: Compared };

let path: Path;

beforeAll(async () => {
  path = await openPath();
});
afterAll(() => path?.close());

async function reconcile(from: string, until: string, args = '') {
  const asked = `${pipeline.name} --from ${from} --until ${until} ${args}`.trim();
  const { code, out, err } = await run(`npm run -s reconcile -- ${asked} --json --data ${path.data}`);
  const [answer] = jsonLines<Reconciled>(out);
  if (answer === undefined) throw new Error(`reconcile ${asked}: expected a line of JSON, got ${out}${err}`);
  return { code, ...answer };
}

const countOf = async (table: 'landing' | 'runs') =>
  Number(
    (await path.database.query(`select count(*) from ${table} where pipeline = $1`, [pipeline.name])).rows[0].count,
  );

describe('Reconcile', () => {
  const day = recentDay('2026-09-10');
  const instants = [`${day}T12:00:00Z`, `${day}T12:01:00Z`, `${day}T12:02:00Z`];
  const [from, until] = [`${day}T12:00:00Z`, `${day}T12:03:00Z`];

  beforeAll(async () => {
    for (const instant of instants) {
      expect((await once(path, instant, 'sample', records)).verdict.verdict).toBe('balanced');
    }
  }, 35 * minutes);

  it('says that all is where it should be, the rows of the tables too, and exits 0', {
    timeout: 5 * minutes,
  }, async () => {
    const found = await reconcile(from, until, '--deep');
    expect(found).toMatchObject({ code: 0, verdict: 'balanced', missing: [], runs: [] });
    expect(found.totals).toMatchObject({ runs: 3, balanced: 3, received: 3 * records, landed: 3 * records });
    expect(found.deep).toMatchObject({ rows: 3 * records, gone: 0, astray: [] });
    expect(found.deep?.compared).toBe(3 * records - found.totals.dead);
  });

  it('shows a person a table, and the verdict below it', async () => {
    const asked = `${pipeline.name} --from ${from} --until ${until}`;
    const { code, out } = await run(`npm run -s reconcile -- ${asked} --data ${path.data}`);
    expect(out).toMatch(new RegExp(`${from} .* balanced`));
    expect(code).toBe(0);
  });

  it.each([
    ['that has lost its page marker', 'pages', { totals: { unbalanced: 1, missing: 0 } }],
    ['that was never on file', 'runs', { totals: { unbalanced: 0, missing: 1 } }],
  ])('finds a run %s, and exits 1', async (_, table, expected) => {
    const of = [pipeline.name, instants[1]];
    const { rows } = await path.database.query(`delete from ${table} where pipeline = $1 and run = $2 returning *`, of);
    expect(rows).toHaveLength(1);
    try {
      expect(await reconcile(from, until)).toMatchObject({ code: 1, verdict: 'unbalanced', ...expected });
    } finally {
      await restore(table, rows[0]);
    }
    expect(await reconcile(from, until)).toMatchObject({ code: 0, verdict: 'balanced' });
  });

  async function restore(table: string, row: Readonly<Record<string, unknown>>) {
    const names = Object.keys(row);
    const places = names.map((__, index) => `$${index + 1}`);
    await path.database.query(`insert into ${table} (${names.join()}) values (${places.join()})`, Object.values(row));
  }

  it.each([
    ['an unknown pipeline', 'people', /random-users/],
    [
      'an interval that ends before it starts',
      `${pipeline.name} --from ${until} --until ${from}`,
      /starts before it ends/,
    ],
    ['an interval that lies in the future', `${pipeline.name} --from 2099-01-01`, /not in the future/],
  ])('refuses %s', async (_, args, message) => {
    const { code, err } = await run(`npm run -s reconcile -- ${args} --data ${path.data}`);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  });
});

describe('Reconcile --deep', () => {
  const day = recentDay('2026-09-20');
  const instant = `${day}T12:00:00Z`;
  const [from, until] = [instant, `${day}T12:02:00Z`];
  const planted = `${day}T12:01:00Z`;
  const lost = '00000000-0000-4000-8000-2026092012aa';

  /** Rows that landed and, as far as the books go, arrived: one of a key that no table has, one newer than its row. */
  beforeAll(async () => {
    // Numbers that the relay passes by: nobody's rows.
    const { rows: drawn } = await path.database.query(
      `select nextval('landing_seq') as seq from generate_series(1, 2)`,
    );
    const [first, second] = drawn.map(({ seq }) => Number(seq)) as [number, number];
    expect((await once(path, instant, 'sample', records)).verdict.verdict).toBe('balanced');
    const of = [pipeline.name, planted];
    await path.database.query(
      `insert into runs (pipeline, run, instant, source, requested, page_size, pages, closed_at)
       values ($1, $2::text, $2::text::timestamptz, 'sample', 2, 2, 1, now())`,
      of,
    );
    await path.database.query(
      `insert into landing (pipeline, run, seq, origin, version, payload)
       select $1, $2, case n when 1 then $4::bigint else $5::bigint end, origin + 60000000, origin + 60000000,
         case n when 1 then payload || jsonb_build_object('user_id', $6::text) else payload end
       from (select row_number() over (order by seq) as n, * from landing where pipeline = $1 and run = $3) l where n <= 2`,
      [...of, instant, first, second, lost],
    );
    await path.database.query(
      `insert into pages (pipeline, run, page, received, landed, rejected, rows) values ($1, $2, 1, 2, 2, 0, $3)`,
      [...of, `[${first},${second + 1})`],
    );
    await path.database.query(
      `insert into published (pipeline, run, partition, offsets)
       select $1, $2, partition, int8multirange(int8range(lower(offsets), lower(offsets) + 2))
       from published where pipeline = $1 and run = $3 and upper(offsets) - lower(offsets) >= 2 limit 1`,
      [...of, instant],
    );
  }, 15 * minutes);

  it('finds the row that no table has, and the one that the tables have an older version of', async () => {
    const found = await reconcile(from, until, '--deep');
    expect(found).toMatchObject({ code: 1, verdict: 'unbalanced', totals: { unbalanced: 0, missing: 0 } });
    const [missing, older] = ['missing', 'older'].map((how) => ({ users: how, users_by_country: how }));
    expect(found.deep?.astray.map(({ run: name, tables }) => [name, tables])).toEqual([
      [planted, missing],
      [planted, older],
    ]);
  });

  it('--repair has exactly those land once more, and then all is in the tables', {
    timeout: 10 * minutes,
  }, async () => {
    const before = await countOf('landing');
    expect(await reconcile(from, until, '--repair --yes')).toMatchObject({ code: 0, verdict: 'balanced' });
    expect(await countOf('landing')).toBe(before + 2);
    const { rows } = await path.tables.execute('SELECT user_id FROM users WHERE user_id = ?', [lost], {
      prepare: true,
    });
    expect(rows).toHaveLength(1);
    expect(await reconcile(from, until, '--deep')).toMatchObject({ code: 0, deep: { astray: [] } });
  });
});

describe('Backfill', () => {
  const date = recentDay('2026-10-02');
  const day = { from: `${date}T00:00:00Z`, to: `${dayAfter(date)}T00:00:00Z` };
  const holes = [`${date}T03:00:00Z`, `${date}T03:01:00Z`, `${date}T20:30:00Z`];
  const backfill = (args: string) => run(`npm run -s backfill -- ${pipeline.name} ${args} --data ${path.data}`);
  const wholeDay = `--from ${day.from} --to ${day.to} --yes`;

  /** A day whose every instant but three has had its run, of nothing. */
  beforeAll(async () => {
    await closeDay(path, day, holes);
  });

  it('asks first, and where nobody can be asked says how to mean it', async () => {
    const before = await countOf('runs');
    const { code, out, err } = await backfill(`--from ${day.from} --to ${day.to}`);
    expect(out).toMatch(new RegExp(`3 of 1440 instants have no closed run: ${holes[0]}, `));
    expect([code, err]).toEqual([1, expect.stringContaining('--yes')]);
    expect(await countOf('runs')).toBe(before);
  });

  it('restores the three instants that a day lacks, and no other', { timeout: 10 * minutes }, async () => {
    const before = await countOf('runs');
    const { code, out } = await backfill(wholeDay);
    expect(out).toMatch(/balanced/);
    expect(code).toBe(0);
    expect(await countOf('runs')).toBe(before + 3);
    const { rows } = await path.database.query(
      'select run from runs where pipeline = $1 and instant >= $2 and instant < $3 and requested > 0 order by run',
      [pipeline.name, day.from, day.to],
    );
    expect(rows.map(({ run: name }) => name)).toEqual(holes);
  });

  it('does nothing the second time', { timeout: 5 * minutes }, async () => {
    const before = [await countOf('runs'), await countOf('landing')];
    const { code, out } = await backfill(wholeDay);
    expect(out).toMatch(/0 of 1440 instants have no closed run/);
    expect(code).toBe(0);
    expect([await countOf('runs'), await countOf('landing')]).toEqual(before);
  });

  it.each([
    ['an interval that ends before it starts', '--from 2026-10-03 --to 2026-10-02', /starts before it ends/],
    ['an interval in the future', '--from 2099-01-01 --to 2099-01-02', /expected one that has begun/],
  ])('refuses %s', async (_, args, message) => {
    const { code, err } = await backfill(args);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  });

  it('refuses an unknown pipeline, and lists the known ones', async () => {
    const { code, err } = await run(`npm run -s backfill -- people --from 2026-10-01 --to 2026-10-02`);
    expect([code, err]).toEqual([1, expect.stringMatching(/earthquakes.*random-users|random-users.*earthquakes/)]);
  });
});
