import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { auth, Client } from 'cassandra-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cassandraDatacenter } from '../../local/services/cassandra.ts';
import { auditTopicOf, keyspace, topicOf } from '../../streaming/names.ts';
import { type BadName, badPeople } from '../source-server/bad-people.ts';
import { type Person, peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import { instants, once, openPath, type Path, pipeline, until } from './path.ts';
import { databaseFolder, databaseRows, segmentsText, sstablesText, wordsInFiles } from './store-search.ts';

const minutes = 60_000;
const started = Date.now();
const nextInstant = instants('2026-05-01T00:00:00Z');
/** Stands in a field that the definition names, and in both tables. */
const allowed = 'email';
const kept = 'password salt md5 sha1 sha256 id-name id-value latitude longitude offset description'
  .split(' ')
  .concat('cell title medium thumbnail biography'.split(' '));
/** Words that have nothing in common, for a store that packs a page cuts what it has seen before. */
const canaries = new Map([allowed, ...kept].map((field) => [field, randomWord()]));
const canary = (field: string) => canaries.get(field) ?? expect.fail(`no canary for ${field}`);
const anyCanary = [...canaries.values()].join('|');

function randomWord(): string {
  return randomBytes(18).toString('base64url').replace(/[-_]/g, 'x');
}

/** A person with a canary in every field that must not enter, and in one that must. */
function withCanaries(person: Person, index: number): Person {
  const { login, location, name, picture } = person as Person & Record<'location' | 'name' | 'picture', object>;
  const secrets = ['password', 'salt', 'md5', 'sha1', 'sha256'].map((field) => [field, canary(field)]);
  return {
    ...person,
    email: `${canary(allowed)}@${index}.example.com`,
    login: { ...login, ...Object.fromEntries(secrets) },
    id: { name: canary('id-name'), value: canary('id-value') },
    location: {
      ...location,
      coordinates: { latitude: canary('latitude'), longitude: canary('longitude') },
      timezone: { offset: canary('offset'), description: canary('description') },
    },
    cell: canary('cell'),
    name: { ...name, title: canary('title') },
    picture: { ...picture, medium: canary('medium'), thumbnail: canary('thumbnail') },
    biography: canary('biography'),
  };
}

/** Fields whose canaries are in a text. */
const fieldsIn = (text: string) => [...canaries].filter(([, word]) => text.includes(word)).map(([field]) => field);

describe('Of fields that the definition does not name', () => {
  let path: Path;
  let server: SourceServer;
  const instant = nextInstant();

  beforeAll(async () => {
    path = await openPath();
    const people = peopleOf('canaries').slice(0, 300).map(withCanaries);
    const planted = new Map((Object.keys(badPeople) as BadName[]).map((name, index) => [50 + index * 7, name]));
    server = await startSourceServer({ people, planted });
    const { verdict } = await once(path, instant, server.url, 300);
    expect(verdict).toMatchObject({ verdict: 'balanced', dead: planted.size });
    await flushTables(path);
  }, 20 * minutes);
  afterAll(async () => {
    await server?.stop();
    await path?.close();
  });

  it('there is one canary each, at the source', () => {
    const served = JSON.stringify(server.served.map(({ record }) => record));
    expect(fieldsIn(served)).toEqual([allowed, ...kept]);
  });

  const places: readonly [string, () => string | Promise<string>][] = [
    ['landing, through SQL', () => rowsIn(path, /^public\.landing/, '')],
    ['dead letters at the source, through SQL', () => rowsIn(path, /^public\.dead_letters$/, ' source ')],
    ['dead letters at the stream, through SQL', () => rowsIn(path, /^public\.dead_letters$/, ' stream ')],
    ['any table of PostgreSQL, through SQL', () => rowsIn(path, /^/, '')],
    ["PostgreSQL's files", () => wordsIn(databaseFolder(path.data))],
    ["the topic's segments, unpacked", () => segmentsText(path, `${topicOf(pipeline)}-`)],
    ["the audit topic's segments, unpacked", () => segmentsText(path, `${auditTopicOf(pipeline)}-`)],
    ['any segment of Kafka, unpacked', () => segmentsText(path, '')],
    ['the sstables of users, through their tool', () => sstablesText(path, 'users', started)],
    ['the sstables of users_by_country, through their tool', () => sstablesText(path, 'users_by_country', started)],
    ["Cassandra's commit log", () => wordsIn(join(path.data, 'data', 'cassandra', 'commitlog'))],
    ['any file of the data folder', () => wordsIn(path.data)],
  ];
  it.each(places)('none is in %s, where the canary of a named field is', { timeout: 10 * minutes }, async (_, read) => {
    expect(fieldsIn(await read())).toEqual([allowed]);
  });

  it.each([
    ['the logs', () => [join(path.data, 'logs')], instant],
    ['the checkpoints', () => [join(path.data, 'data', 'checkpoints')], topicOf(pipeline)],
  ])('no canary at all is in %s, where the same search finds what must be there', (_, folders, known) => {
    expect([...wordsInFiles(folders(), anyCanary)]).toEqual([]);
    expect(wordsInFiles(folders(), known).size).toBeGreaterThan(0);
  });

  it("no canary at all is in Spark's scratch folders", () => {
    const scratch = readdirSync(os.tmpdir()).filter((name) => /^(spark|blockmgr)-/.test(name));
    expect(scratch).not.toEqual([]);
    expect([
      ...wordsInFiles(
        scratch.map((name) => join(os.tmpdir(), name)),
        anyCanary,
      ),
    ]).toEqual([]);
  });
});

async function rowsIn(path: Path, table: RegExp, holding: string): Promise<string> {
  const tables = [...(await databaseRows(path))].filter(([name]) => table.test(name));
  return tables
    .flatMap(([, rows]) => rows)
    .filter((row) => row.includes(holding))
    .join('\n');
}

const wordsIn = (folder: string) => [...wordsInFiles([folder], anyCanary).values()].flat().join('\n');

/** Has Cassandra write what it holds in memory to sstables, as it does by itself after hours: no tool may reach it. */
async function flushTables(path: Path): Promise<void> {
  const { user, password } = path.credentials.cassandra.admin;
  const administrator = new Client({
    contactPoints: [`127.0.0.1:${path.platform.ports.cassandra}`],
    localDataCenter: cassandraDatacenter,
    authProvider: new auth.PlainTextAuthProvider(user, password),
    socketOptions: { connectTimeout: 20_000, readTimeout: 60_000 },
  });
  await administrator.connect();
  const flushEvery = async (table: string, ms: number) =>
    void (await administrator.execute(`ALTER TABLE ${keyspace}.${table} WITH memtable_flush_period_in_ms = ${ms}`));
  for (const table of Object.keys(pipeline.tables)) {
    await flushEvery(table, 1000);
    await until(
      `sstables of ${table}`,
      200,
      async () => sstablesText(path, table, started).includes(canary(allowed)) || undefined,
    );
    await flushEvery(table, 0);
  }
  await administrator.shutdown();
}
