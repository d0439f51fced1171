import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { KafkaMessage } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Erased, Found } from '../../functions/erase/erase.ts';
import { auditTopicOf, topicOf } from '../../streaming/names.ts';
import { type Person, peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import { clientsOf } from './attempts/clients.ts';
import { jsonLines, run } from './command.ts';
import { allRows, instants, once, openPath, type Path, pipeline, untilCovered } from './path.ts';
import { databaseRows } from './store-search.ts';

const minutes = 60_000;
/** Months 11 of 2026, up to the 20th, are this file's. */
const nextInstant = instants('2026-11-12T12:00:00Z');
const tables = Object.keys(pipeline.tables);

describe('An erase', () => {
  const people = peopleOf('erase').slice(0, 10);
  const [person, bad, other] = [people[0], people[3], people[1]] as [Person, Person, Person];
  const [instant, later] = [nextInstant(), nextInstant()];
  let way: Path;
  let server: SourceServer;
  let message: KafkaMessage & { readonly partition: number };

  /** Two people of ten: one who is in the tables, and one of whom only a dead letter is. */
  beforeAll(async () => {
    way = await openPath();
    server = await startSourceServer({ people, planted: new Map([[3, 'missingField']]) });
    expect((await once(way, instant, server.url, 10)).verdict).toMatchObject({ verdict: 'balanced', rejected: 1 });
    message = await messageOf(way, person.login.uuid);
    await way.database.query(
      `insert into unreadable_audit (topic, partition, "offset", value, reason) values ($1, 0, 999999, $2, 'no JSON')`,
      [auditTopicOf(pipeline), Buffer.from(`{"user_id":"${person.login.uuid}"`)],
    );
  }, 15 * minutes);
  afterAll(async () => {
    await server?.stop();
    await way?.close();
  });

  const command = (args: string) => run(`npm run -s erase -- ${pipeline.name} --data ${way.data} ${args}`);
  const keyOf = ({ login }: Person) => `--key user_id=${login.uuid}`;
  const ask = async <Answer extends object>(args: string) => {
    const { code, out, err } = await command(`${args} --json`);
    return { code, err, answer: jsonLines<Answer>(out)[0] };
  };
  const isIn = async (table: string, { login }: Person) => (await allRows(way.tables, table)).has(login.uuid);
  const inTables = async (one: Person) => Promise.all(tables.map((table) => isIn(table, one)));

  it.each([
    ['without a key', '--yes', 1, /an erase of everything is refused/],
    ['of another field', '--key email=a@b.c --yes', 1, /expected user_id=<value>/],
    ['of what can be no key', '--key user_id=somebody --yes', 1, /values of user_id, a uuid, got another thing/],
    ['of a file that is not there', '--keys nowhere.txt --yes', 1, /nowhere\.txt/],
  ])('is refused %s, before anything changes', async (_, args, code, message_) => {
    const answer = await command(args);
    expect([answer.code, answer.err]).toEqual([code, expect.stringMatching(message_)]);
  });

  it('of an unknown key says so, exits 1, and changes nothing, for the known one beside it neither', async () => {
    const unknown = '--key user_id=00000000-0000-4000-8000-0000000e7a5e';
    const { code, out } = await command(`${keyOf(person)} ${unknown} --yes`);
    expect([code, out]).toEqual([1, expect.stringMatching(/number 2 of the keys. Nothing was changed/)]);
    const step = way.steps.call('erase', {
      pipeline: pipeline.name,
      keys: [unknown.slice(-36)],
      dryRun: false,
      who: 'x',
    });
    await expect(step).rejects.toThrow(/expected keys that are known/);
    expect(await inTables(person)).toEqual([true, true]);
  });

  it('says where something is, and changes nothing, unless it is told to', async () => {
    const { code, answer } = await ask<Found>(`${keyOf(person)} ${keyOf(bad)}`);
    expect([code, answer]).toEqual([
      0,
      expect.objectContaining({
        ...{ dryRun: true, keys: 2, suppressed: 0, unknown: [], until: null },
        found: { landing: 1, dead_letters: 1, unreadable_audit: 1, users: 1, users_by_country: 1 },
      }),
    ]);
    expect((await command(`${keyOf(person)}`)).out).toMatch(/Nothing was changed/);
    expect((await command(`${keyOf(person)} --verify`)).code).toBe(1);
    expect(await inTables(person)).toEqual([true, true]);
  });

  it('leaves nothing of people in landing, dead letters and tables, and says until when copies may be left', {
    timeout: 15 * minutes,
  }, async () => {
    const file = path.join(way.data, 'keys.txt');
    writeFileSync(file, `${person.login.uuid.toUpperCase()}\n${bad.login.uuid}\n`);
    const { code, answer } = await ask<Erased & { left: object }>(`--keys ${file} --yes --verify`);
    expect([code, answer]).toEqual([
      0,
      expect.objectContaining({
        erased: { landing: 1, dead_letters: 1, unreadable_audit: 1, users: 1, users_by_country: 1 },
        left: { landing: 0, dead_letters: 0, unreadable_audit: 0, users: 0, users_by_country: 0 },
      }),
    ]);
    const topics = Date.parse(answer?.until?.topics ?? '') - Date.now();
    expect(topics / 86_400_000).toBeCloseTo(7, 1);
    expect(answer?.until?.backups).toBeNull();
    expect(await inTables(person)).toEqual([false, false]);
    expect(await inTables(other)).toEqual([true, true]);
  });

  it('leaves no word of them in the database, and of their keys hashes that say nothing', async () => {
    const texts = await databaseRows(way);
    const isTold = (word: string) =>
      [...texts].flatMap(([table, rows]) => (rows.some((row) => row.includes(word)) ? table : []));
    // A phone number may well be a part of another number.
    for (const { login, email } of [person, bad]) expect([login.uuid, email].map(isTold)).toEqual([[], []]);
    expect(isTold(other.login.uuid)).not.toEqual([]);
    expect(texts.get('public.suppressed')).toHaveLength(2);
  });

  it('is on file with who asked for it, and what came of it', async () => {
    const { rows } = await way.database.query("select who, asked, answer from operations where verb = 'erase'");
    expect(rows).toEqual([
      {
        who: expect.stringMatching(/./),
        asked: { keys: 2 },
        answer: expect.objectContaining({ done: true, erased: expect.objectContaining({ landing: 1, users: 1 }) }),
      },
    ]);
  });

  it('leaves every account balanced', { timeout: 15 * minutes }, async () => {
    expect((await once(way, instant, server.url, 10)).verdict).toMatchObject({ verdict: 'balanced', erased: 1 });
    const asked = `${pipeline.name} --from ${instant} --until ${later} --deep --json --data ${way.data}`;
    const { code, out } = await run(`npm run -s reconcile -- ${asked}`);
    expect([code, jsonLines(out)[0]]).toEqual([
      0,
      expect.objectContaining({
        verdict: 'balanced',
        deep: expect.objectContaining({ rows: 9, erased: 1, astray: [] }),
      }),
    ]);
  });

  it('is for ever: what the source says of them again is rejected', { timeout: 15 * minutes }, async () => {
    const { verdict } = await once(way, later, server.url, 10);
    expect(verdict).toMatchObject({ verdict: 'balanced', source: 10, rejected: 2, table: 8 });
    const { rows } = await way.database.query(
      'select reason, payload, state from dead_letters where pipeline = $1 and run = $2',
      [pipeline.name, later],
    );
    expect(rows).toEqual(Array(2).fill({ reason: 'suppressed', payload: null, state: 'erased' }));
    expect(await inTables(person)).toEqual([false, false]);
    const redrive = await run(`npm run -s redrive -- ${pipeline.name} --reason suppressed --yes --data ${way.data}`);
    expect([redrive.code, redrive.out]).toEqual([0, expect.stringContaining('no dead letter fits')]);
  });

  it('holds against the topic, which still has them: a message that comes again brings nobody back', {
    timeout: 15 * minutes,
  }, async () => {
    const producer = way.kafka.producer();
    await producer.connect();
    const { key, value, headers, partition } = message;
    await producer.send({
      topic: topicOf(pipeline),
      messages: [{ key, value, partition, ...(headers && { headers }) }],
    });
    await producer.disconnect();
    await untilCovered(way);
    expect(await inTables(person)).toEqual([false, false]);
  });

  it('is applied once more to a table that was filled anew', async () => {
    const clients = clientsOf(way);
    const owner = await clients.asCassandra(clients.loginOf('cassandra', 'prepare'));
    for (const { login } of [person, other]) {
      await owner.execute(
        'INSERT INTO millrace.users (user_id, email) VALUES (?, ?) USING TIMESTAMP ?',
        [...[login.uuid, 'x', String(Date.now() * 1000)]],
        { prepare: true },
      );
    }
    await owner.shutdown();
    expect(await inTables(person)).toEqual([true, false]);
    const answer = await way.steps.call('erase', { pipeline: pipeline.name, reapply: true, table: 'users' });
    expect(answer).toEqual({ erased: { users: 1 }, cursor: null });
    expect(await inTables(person)).toEqual([false, false]);
    expect(await inTables(other)).toEqual([true, true]);
  });
});

/** The message of a record, as it lies on the topic. */
async function messageOf({ kafka }: Path, key: string): Promise<KafkaMessage & { partition: number }> {
  const consumer = kafka.consumer({ groupId: 'erase-test' });
  await consumer.connect();
  await consumer.subscribe({ topic: topicOf(pipeline), fromBeginning: true });
  try {
    return await new Promise((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ partition, message }) => {
            if (String(message.key) === key) resolve({ ...message, partition });
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
}
