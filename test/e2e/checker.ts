import type { Client } from 'cassandra-driver';
import type pg from 'pg';
import { type BadName, badPeople } from '../source-server/bad-people.ts';
import type { SourceServer } from '../source-server/server.ts';
import { allRows, type Path, type Row } from './path.ts';

/**
 * Compares what the source says it served with what Cassandra and the dead letters hold, record by record. It uses none
 * of the path's counts, and spells out itself what a row should be.
 */
export interface Checked {
  /** Served records that are neither a row of every table nor a dead letter with their reason. */
  readonly lost: readonly string[];
  /** Rows whose values are not those that were served. */
  readonly wrong: readonly string[];
  readonly good: number;
  readonly bad: number;
}

interface Served {
  readonly ordinal: number;
  readonly record: unknown;
  readonly planted: BadName | undefined;
}

/** The parts of a person that end in a table. */
interface Person {
  readonly gender: string;
  readonly name: { first: string; last: string };
  readonly location: {
    street: { number: number; name: string };
    city: string;
    state: string;
    country: string;
    postcode: string | number;
  };
  readonly email: string;
  readonly login: { uuid: string; username: string };
  readonly dob: { date: string };
  readonly registered: { date: string };
  readonly phone: string;
  readonly picture: { large: string };
  readonly nat: string;
}

/** Checks everything that a run was served; the values of every `compareEvery`-th record. */
export async function check(path: Path, server: SourceServer, run: string, compareEvery: number): Promise<Checked> {
  const served = servedTo(server, run);
  const [users, byCountry] = [await allRows(path.tables, 'users'), await allRows(path.tables, 'users_by_country')];
  const deaths = await deathsOf(path.database, run);
  const lost: string[] = [];
  const wrong: string[] = [];
  for (const { ordinal, record, planted } of served) {
    if (planted !== undefined) {
      const problem = wrongDeath(planted, deaths.get(ordinal));
      if (problem) lost.push(`record ${ordinal} (${planted}): ${problem}`);
      continue;
    }
    const person = record as Person;
    const rows = [users.get(person.login.uuid), byCountry.get(person.login.uuid)] as const;
    if (rows.some((row) => row === undefined)) lost.push(`record ${ordinal}: ${person.login.uuid}`);
    else if (ordinal % compareEvery === 0) wrong.push(...differences(person, rows as readonly [Row, Row]));
  }
  const bad = served.filter(({ planted }) => planted !== undefined).length;
  return { lost, wrong, good: served.length - bad, bad };
}

export interface CheckedAll {
  readonly lost: readonly string[];
  /** Rows, dead letters or write times beyond those that the served records call for. */
  readonly tooMuch: readonly string[];
  readonly wrong: readonly string[];
  readonly records: number;
}

/**
 * Checks everything that a server whose people are new in each run ever served, in all runs, and that the stores hold
 * nothing besides: each record is one row of every table, at its own write time, or one dead letter.
 */
export async function checkAll(
  { tables, database }: Pick<Path, 'tables' | 'database'>,
  { served }: SourceServer,
  compareEvery: number,
): Promise<CheckedAll> {
  // What is served from here on need not be there yet, and may be.
  const owed = new Map(served.map((each) => [versionOf(each), each]));
  const [users, byCountry] = [await rowsWithTimes(tables, 'users'), await rowsWithTimes(tables, 'users_by_country')];
  const deaths = await allDeaths(database);
  const lost: string[] = [];
  const wrong: string[] = [];
  for (const [version, { ordinal, record, planted }] of owed) {
    if (planted !== undefined) {
      const problem = wrongDeath(planted, deaths.get(String(version)));
      if (problem) lost.push(`${version} (${planted}): ${problem}`);
      continue;
    }
    const key = (record as Person).login.uuid;
    const [user, other] = [users.get(key), byCountry.get(key)];
    if (user === undefined || other === undefined) lost.push(`${version}: ${key}`);
    else wrong.push(...wrongIn(version, record as Person, [user, other], ordinal % compareEvery === 0));
  }
  return {
    lost,
    tooMuch: strangers(served, [...users.keys(), ...byCountry.keys()], deaths),
    wrong,
    records: owed.size,
  };
}

function strangers(served: SourceServer['served'], keys: readonly string[], deaths: ReadonlyMap<string, object>) {
  const good = served.filter(({ planted }) => planted === undefined);
  const alive = new Set(good.map(({ record }) => (record as Person).login.uuid));
  const dying = new Set(served.filter(({ planted }) => planted !== undefined).map((each) => String(versionOf(each))));
  return [...keys.filter((key) => !alive.has(key)), ...[...deaths.keys()].filter((identity) => !dying.has(identity))];
}

interface Timed {
  readonly row: Row;
  /** Write time in microseconds. */
  readonly at: bigint;
}

async function rowsWithTimes(tables: Client, table: string): Promise<Map<string, Timed>> {
  const query = `SELECT user_id, writetime(email) AS at FROM ${table}`;
  const result = await tables.execute(query, [], { prepare: true, fetchSize: 5000 });
  const times = new Map<string, bigint>();
  for await (const found of result) times.set(String(found.get('user_id')), found.get('at') as bigint);
  // After the times: the schedule writes meanwhile, and a row that has a time is there.
  const rows = await allRows(tables, table);
  return new Map([...times].map(([key, at]) => [key, { row: rows.get(key) ?? {}, at }]));
}

function wrongIn(version: number, person: Person, [user, byCountry]: readonly [Timed, Timed], compare: boolean) {
  const times = [user, byCountry]
    .filter(({ at }) => at !== BigInt(version))
    .map(({ at }) => `${person.login.uuid}: expected write time ${version}, got ${at}`);
  return compare ? [...times, ...differences(person, [user.row, byCountry.row])] : times;
}

/** Instant in microseconds + ordinal; the seed ends with the instant, as in 20260401T000000Z. */
function versionOf({ seed, ordinal }: Served & { readonly seed: string }): number {
  const iso = seed.replace(/^.*(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return Date.parse(iso) * 1000 + ordinal;
}

async function allDeaths(database: pg.Pool): Promise<Map<string, { at: string; reason: string }>> {
  const { rows } = await database.query<{ identity: string; at: string; reason: string }>(
    'select identity, at, reason from dead_letters',
  );
  return new Map(rows.map(({ identity, at, reason }) => [identity, { at, reason }]));
}

/** The seed that the run asked with holds its instant. */
function servedTo({ served }: SourceServer, run: string): readonly Served[] {
  const seeds = new Set(
    served.map(({ seed }) => seed).filter((seed) => seed.replaceAll(/\D/g, '').includes(run.replaceAll(/\D/g, ''))),
  );
  if (seeds.size !== 1) throw new Error(`expected one seed of run ${run}, got ${[...seeds].join(', ') || 'none'}`);
  const [seed] = seeds;
  return served.filter((each) => each.seed === seed);
}

/** Dead letters of a run by the ordinal of their record: origin = instant in microseconds + ordinal. */
async function deathsOf(database: pg.Pool, run: string): Promise<Map<number, { at: string; reason: string }>> {
  const { rows } = await database.query<{ identity: string; at: string; reason: string }>(
    'select identity, at, reason from dead_letters where run = $1',
    [run],
  );
  return new Map(rows.map(({ identity, at, reason }) => [Number(identity) - Date.parse(run) * 1000, { at, reason }]));
}

function wrongDeath(planted: BadName, death: { at: string; reason: string } | undefined): string | undefined {
  const { at, reason } = badPeople[planted];
  if (death === undefined) return 'no dead letter';
  const wanted = at === 'stream' ? `quality:${reason}` : reason;
  return death.at === at && death.reason === wanted
    ? undefined
    : `expected ${at}/${wanted}, got ${death.at}/${death.reason}`;
}

function differences(person: Person, [user, byCountry]: readonly [Row, Row]): string[] {
  const { street, city, state, country, postcode } = person.location;
  const full_name = `${person.name.first} ${person.name.last}`;
  const registered = new Date(person.registered.date).toISOString();
  const common = {
    user_id: person.login.uuid,
    gender: person.gender,
    city,
    state,
    country,
    email: person.email,
    registered,
    full_name,
  };
  const wanted = {
    ...common,
    first_name: person.name.first,
    last_name: person.name.last,
    nationality: person.nat,
    street_number: String(street.number),
    street_name: street.name,
    postcode: String(postcode),
    username: person.login.username,
    phone: person.phone,
    picture: person.picture.large,
    born: new Date(person.dob.date).toISOString(),
    address: `${street.number} ${street.name}, ${city}, ${state}, ${country}`,
  };
  return [...unequal(wanted, user), ...unequal({ ...common, month: registered.slice(0, 7) }, byCountry)];
}

/** Every column of the row must be wanted, and every wanted one there. */
function unequal(wanted: Readonly<Record<string, string>>, row: Row): string[] {
  const names = new Set([...Object.keys(wanted), ...Object.keys(row)]);
  return [...names]
    .filter((name) => text(row[name]) !== wanted[name])
    .map((name) => `${wanted['user_id']} ${name}: expected ${wanted[name]}, got ${text(row[name])}`);
}

const text = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value));
