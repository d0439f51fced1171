import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeadLetters } from '../../functions/inspect/inspect.ts';
import type { Account } from '../../functions/ports.ts';
import type { RedriveAnswer, RedrivePreview } from '../../functions/redrive/redrive.ts';
import type { Definition } from '../../streaming/definition.ts';
import { oneOf } from '../../streaming/fields.ts';
import { projectorOf } from '../../streaming/projection.ts';
import type { BadName } from '../source-server/bad-people.ts';
import { type Person, peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import { jsonLines, run } from './command.ts';
import { instants, once, openPath, type Path, pipeline, until, untilHosted } from './path.ts';

const minutes = 60_000;
const nextInstant = instants('2026-08-01T00:00:00Z');
type Letter = DeadLetters['letters'][number];
type Redriven = RedriveAnswer & { readonly account: Account };

describe('A redrive', () => {
  const people = peopleOf('redrive');
  const planted = new Map<number, BadName>([
    [3, 'missingField'],
    [5, 'oversizedText'],
    [7, 'addressWithoutAt'],
  ]);
  const instant = nextInstant();
  const identityOf = (ordinal: number) => String(Date.parse(instant) * 1000 + ordinal);
  let path: Path;
  let server: SourceServer;

  beforeAll(async () => {
    path = await openPath();
    server = await startSourceServer({ people: people.slice(0, 20), planted });
    const { verdict } = await once(path, instant, server.url, 20);
    expect(verdict).toMatchObject({ verdict: 'balanced', source: 20, rejected: 2, dead: 3, table: 17 });
  }, 15 * minutes);
  afterAll(async () => {
    await server?.stop();
    await path?.close();
  });

  const command = (args: string) => run(`npm run -s redrive -- ${pipeline.name} --data ${path.data} ${args}`);
  const redrive = async (args: string) => {
    const { code, out, err } = await command(`${args} --yes --wait --json`);
    return { code, err, answer: jsonLines<Redriven>(out)[0] };
  };
  const letters = async (args: string) =>
    jsonLines<Letter>((await run(`npm run -s dead -- list ${pipeline.name} --json --data ${path.data} ${args}`)).out);
  const letterOf = async (identity: string) => {
    const shown = await run(`npm run -s dead -- show ${pipeline.name} ${identity} --json --data ${path.data}`);
    return jsonLines<Letter>(shown.out)[0];
  };
  const inTables = async (identity: string, { login, location, registered }: Person & PersonPlace) => {
    const month = registered.date.slice(0, 7);
    const asked = [
      path.tables.execute('SELECT writetime(email) AS at FROM users WHERE user_id = ?', [login.uuid]),
      path.tables.execute(
        `SELECT writetime(email) AS at FROM users_by_country WHERE country = ? AND month = ? AND registered = ? AND user_id = ?`,
        [location.country, month, new Date(registered.date), login.uuid],
        { prepare: true },
      ),
    ];
    return (await Promise.all(asked)).map(({ rows }) => String(rows[0]?.get('at') ?? 'none') === identity);
  };

  /** A letter as an older version of the project left it, whose definition did not take the record. */
  async function leave(ordinal: number, at: 'source' | 'stream', reason: string, payload: unknown): Promise<string> {
    const identity = identityOf(ordinal);
    await path.database.query(
      `insert into dead_letters (pipeline, identity, run, at, reason, payload) values ($1, $2, $3, $4, $5, $6)`,
      [pipeline.name, identity, instant, at, reason, JSON.stringify(payload)],
    );
    return identity;
  }

  it('says what it would do, and does nothing, unless it is told to', async () => {
    const before = await letters(`--run ${instant}`);
    const { code, out } = await command(`--run ${instant}`);
    expect([code, out]).toEqual([0, expect.stringMatching(/3 dead letters[\s\S]+Nothing was changed/)]);
    expect(out).toMatch(/die again of missing \(email\)/);
    const [preview] = jsonLines<RedrivePreview>((await command(`--run ${instant} --json`)).out);
    expect(preview).toMatchObject({ dryRun: true, letters: 3, stream: 'running' });
    expect(await letters(`--run ${instant}`)).toEqual(before);
  });

  it('is refused without a filter', async () => {
    const { code, err } = await command('--yes');
    expect([code, err]).toEqual([1, expect.stringContaining('a redrive of everything is refused')]);
  });

  it('brings what is still bad back as the same dead letters, and balances alone', {
    timeout: 10 * minutes,
  }, async () => {
    const old = await accountOf(path, instant);
    const { code, answer } = await redrive(`--run ${instant}`);
    expect(code).toBe(1);
    expect(answer).toMatchObject({
      ...{ landed: 1, rejected: 1, refused: { not_kept: 1 } },
      account: { closed: true, requested: 2, received: 2, short: 0, landed: 1, rejected: 1, published: 1, dead: 1 },
    });
    const again = (reason: string) => expect.objectContaining({ reason, state: 'open', run: instant });
    expect(await letterOf(identityOf(3))).toEqual(again('missing'));
    expect(await letterOf(identityOf(7))).toEqual(again('quality:email_has_at'));
    const attempts = (await letters(`--run ${instant}`)).map(({ identity, attempts }) => [identity, attempts]);
    expect(new Map(attempts as [string, number][])).toEqual(
      new Map([
        [identityOf(3), 2],
        [identityOf(5), 1],
        [identityOf(7), 2],
      ]),
    );
    expect(await accountOf(path, instant)).toEqual(old);
  });

  it('brings what is good by now into every table, at the write time of its run', {
    timeout: 10 * minutes,
  }, async () => {
    const [refused, judged] = people.slice(100, 102) as (Person & PersonPlace)[];
    if (refused === undefined || judged === undefined) throw new Error('test data: expected people, got none');
    const narrow: Definition = {
      ...pipeline,
      record: { ...pipeline.record, gender: oneOf('gender', ['neither']).pii('quasi') },
    };
    const left = projectorOf(narrow)(refused);
    const landed = projectorOf(pipeline)(judged);
    if (left.ok || !landed.ok) throw new Error('test data: expected one refused and one landed');
    const atSource = await leave(100, 'source', 'not_allowed', left.payload);
    const atStream = await leave(101, 'stream', 'quality:a_rule_of_then', landed.record);

    const { code, answer } = await redrive(`--identity ${atSource} ${atStream}`);
    expect([code, answer]).toEqual([
      0,
      expect.objectContaining({
        ...{ landed: 2, rejected: 0 },
        account: expect.objectContaining({ landed: 2, stored: 2, dead: 0, in_flight: 0 }),
      }),
    ]);
    expect(await inTables(atSource, refused)).toEqual([true, true]);
    expect(await inTables(atStream, judged)).toEqual([true, true]);
    for (const identity of [atSource, atStream]) expect(await letterOf(identity)).toMatchObject({ state: 'stored' });

    const second = await command(`--identity ${atSource} ${atStream} --yes`);
    expect([second.code, second.out]).toEqual([0, expect.stringContaining('no dead letter fits')]);
  });

  it('parks a record that dies again and again, and takes it then only when it is asked to', {
    timeout: 20 * minutes,
  }, async () => {
    const only = `--identity ${identityOf(7)}`;
    for (const attempts of [3, 4, 5]) {
      expect((await redrive(only)).answer).toMatchObject({ landed: 1, account: { dead: 1 } });
      expect(await letterOf(identityOf(7))).toMatchObject({ attempts, state: attempts < 5 ? 'open' : 'parked' });
    }
    expect((await command(only)).out).toContain('no dead letter fits');
    const { answer } = await redrive(`${only} --parked`);
    expect(answer).toMatchObject({ landed: 1, account: { dead: 1 } });
    expect(await letterOf(identityOf(7))).toMatchObject({ attempts: 6, state: 'parked' });
  });

  it('is on file with who asked for what, and what came of it', async () => {
    const { rows } = await path.database.query(
      `select who, asked, answer from operations where verb = 'redrive' and asked -> 'filter' ->> 'run' = $1`,
      [instant],
    );
    expect(rows).toEqual([
      {
        who: expect.stringMatching(/./),
        asked: expect.objectContaining({ run: expect.stringMatching(/^redrive:/), limit: 100_000 }),
        answer: expect.objectContaining({ landed: 1, rejected: 1, done: true }),
      },
    ]);
  });

  it('lands while the stream is stopped, says so, and is stored once it runs again', {
    timeout: 35 * minutes,
  }, async () => {
    const person = people.slice(102, 103)[0] as Person & PersonPlace;
    const landed = projectorOf(pipeline)(person);
    if (!landed.ok) throw new Error('test data: expected a person that lands');
    const identity = await leave(102, 'stream', 'quality:a_rule_of_then', landed.record);
    const before = await untilHosted(path);
    const stream = (args: string, ...more: string[]) =>
      run(`npm run -s stream -- ${args} --data ${path.data}`, ...more);
    expect((await stream(`stop ${pipeline.name}`, '--because', 'a redrive waits')).code).toBe(0);
    await untilEnded(path, before);
    const { code, out } = await command(`--identity ${identity} --yes`);
    expect([code, out]).toEqual([0, expect.stringMatching(/is stopped: what lands waits safely/)]);
    expect(await letterOf(identity)).toMatchObject({ state: 'redriving' });
    expect((await stream(`start ${pipeline.name}`)).code).toBe(0);
    await untilHosted(path, before);
    await until(
      'the letter to be stored',
      280,
      async () => (await letterOf(identity))?.state === 'stored' || undefined,
    );
    expect(await inTables(identity, person)).toEqual([true, true]);
  });

  it('leaves foreign messages to who sent them', async () => {
    const identity = `${pipeline.name}.v1-0-999999999`;
    await path.database.query(
      `insert into dead_letters (pipeline, identity, at, reason, payload) values ($1, $2, 'stream', 'bad_magic', '"AAAA"')`,
      [pipeline.name, identity],
    );
    const { answer } = await redrive(`--identity ${identity}`);
    expect(answer).toMatchObject({ landed: 0, refused: { foreign: 1 }, account: { received: 0, closed: true } });
    expect(await letterOf(identity)).toMatchObject({ state: 'open', attempts: 1 });
  });
});

interface PersonPlace {
  readonly location: { readonly country: string };
  readonly registered: { readonly date: string };
}

/** A job that was told to end may still take up what comes before it has ended. */
function untilEnded({ database }: Path, generation: number): Promise<true> {
  return until(`generation ${generation} to end`, 280, async () => {
    const { rows } = await database.query('select from job_generations where generation = $1 and state = $2', [
      generation,
      'ended',
    ]);
    return rows.length > 0 || undefined;
  });
}

async function accountOf({ database }: Path, run: string) {
  const { rows } = await database.query('select * from accounts where pipeline = $1 and run = $2', [
    pipeline.name,
    run,
  ]);
  return rows[0];
}
