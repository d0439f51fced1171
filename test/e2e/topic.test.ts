import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { avroTypeOf } from '../../streaming/avro.ts';
import { frameEncoder } from '../../streaming/framing.ts';
import { topicOf } from '../../streaming/names.ts';
import { peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import { allRows, instants, once, openPath, type Path, pipeline, untilCovered } from './path.ts';

const minutes = 60_000;
const nextInstant = instants('2026-02-01T00:00:00Z');
const dayMs = Date.parse(nextInstant());
/** Of an hour of that day, as versions are: in microseconds. */
const versionAt = (hour: number) => (dayMs + hour * 3_600_000) * 1000;
const id = 'feedbeef-0000-4000-8000-000000000001';
const record = {
  user_id: id,
  first_name: 'Foreign',
  last_name: 'Writer',
  gender: 'female',
  nationality: 'NL',
  street_number: 1,
  street_name: 'Kade',
  city: 'Delft',
  state: 'Zuid-Holland',
  country: 'Netherlands',
  postcode: '2611',
  email: 'foreign@example.com',
  username: 'foreign',
  phone: '1',
  picture: 'https://example.com/p.jpg',
  born: 0,
  registered: 1_500_000_000_000,
};

interface Message {
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, string>;
}

describe('The topic', () => {
  let path: Path;
  let server: SourceServer;
  let good: Message;

  beforeAll(async () => {
    path = await openPath();
    server = await startSourceServer({ people: peopleOf('topic') });
    good = await message(path, versionAt(0));
  });
  afterAll(async () => {
    await server?.stop();
    await path?.close();
  });

  const poison: readonly [string, (good: Message) => Message, string][] = [
    ['a tombstone', (m) => ({ ...m, value: null }), 'tombstone'],
    ['no key', (m) => ({ ...m, key: null }), 'no_key'],
    ['no headers', (m) => ({ ...m, headers: {} }), 'no_header'],
    ['a header that is no number', (m) => ({ ...m, headers: { ...m.headers, origin: 'x' } }), 'no_header'],
    ['another magic byte', (m) => ({ ...m, value: Buffer.concat([Buffer.of(1), body(m).subarray(1)]) }), 'bad_magic'],
    ['all zeros', (m) => ({ ...m, value: Buffer.alloc(60) }), 'unknown_schema'],
    ['an unknown schema id', (m) => withSchema(m, 9999), 'unknown_schema'],
    ['another id in the header', (m) => ({ ...m, headers: { ...m.headers, schema: '9999' } }), 'schema_mismatch'],
    ['a wrong checksum', (m) => ({ ...m, headers: { ...m.headers, crc: '1' } }), 'bad_crc'],
    ['a cut payload', (m) => ({ ...m, value: body(m).subarray(0, -3) }), 'bad_crc'],
    ['appended bytes', (m) => ({ ...m, value: Buffer.concat([body(m), Buffer.of(0)]) }), 'bad_crc'],
    ['a cut payload under a right checksum', (m) => resealed(m, body(m).subarray(0, 20)), 'undecodable'],
    [
      'a version of the year 287,000',
      (m) => ({ ...m, headers: { ...m.headers, version: '9000000000000000000' } }),
      'bad_version',
    ],
    ['a version below zero', (m) => ({ ...m, headers: { ...m.headers, version: '-1' } }), 'bad_version'],
    ['plain text', (m) => ({ ...m, value: Buffer.from('hello') }), 'bad_magic'],
  ];

  it('may hold anything: foreign messages are dead letters with their reason, and the stream goes on', {
    timeout: 20 * minutes,
  }, async () => {
    const before = await foreign(path);
    const messages = poison.map(([, bend]) => bend(good));
    const offsets = await produce(path, messages);
    const { verdict } = await once(path, nextInstant(), server.url, 200);
    expect(verdict).toMatchObject({ verdict: 'balanced', source: 200, table: 200, dead: 0 });
    await untilCovered(path);

    const { rows } = await path.database.query<{ identity: string; reason: string; run: string | null; at: string }>(
      'select identity, reason, run, at from dead_letters where identity = any($1)',
      [offsets],
    );
    const reasons = new Map(rows.map(({ identity, reason }) => [identity, reason]));
    expect(poison.map(([what], index) => [what, reasons.get(offsets[index] as string)])).toEqual(
      poison.map(([what, , reason]) => [what, reason]),
    );
    expect(rows.every(({ run, at }) => run === null && at === 'stream')).toBe(true);
    expect(await foreign(path)).toBe(before + poison.length);
    expect((await allRows(path.tables, 'users')).has(id)).toBe(false);
  });

  it('changes nothing when a record comes again in an older version', { timeout: 20 * minutes }, async () => {
    const newer = await message(path, versionAt(10), { city: 'Leiden' });
    const older = await message(path, versionAt(9), { city: 'Utrecht' });
    await produce(path, [newer]);
    await untilCovered(path);
    const before = await rowOf(path);
    expect(before).toMatchObject({ city: 'Leiden', written: BigInt(versionAt(10)) });
    await produce(path, [older, newer, older]);
    await untilCovered(path);
    expect(await rowOf(path)).toEqual(before);
  });
});

const body = ({ value }: Message) => value as Buffer;

function withSchema(m: Message, schema: number): Message {
  const value = Buffer.from(body(m));
  value.writeUInt32BE(schema, 1);
  return { ...m, value, headers: { ...m.headers, schema: String(schema) } };
}

function resealed(m: Message, value: Buffer): Message {
  return { ...m, value, headers: { ...m.headers, crc: String(crc32(value.subarray(5))) } };
}

/** A message as the relay would make it, made by hand. */
async function message({ platform }: Path, version: number, changes: object = {}): Promise<Message> {
  const subject = `${topicOf(pipeline)}-value`;
  const answer = await fetch(
    `http://127.0.0.1:${platform.ports.registry}/apis/ccompat/v7/subjects/${subject}/versions/latest`,
  );
  const { id: schema } = (await answer.json()) as { id: number };
  const value = frameEncoder(avroTypeOf(pipeline), schema)({ ...record, ...changes });
  const headers = {
    run: 'by-hand',
    origin: String(version),
    seq: '1',
    version: String(version),
    schema: String(schema),
  };
  return { key: id, value, headers: { ...headers, crc: String(crc32(value.subarray(5))), traceparent: '00-0-0-01' } };
}

/** Sends to partition 0; answers each message's topic-partition-offset. */
async function produce({ kafka }: Path, messages: readonly Message[]): Promise<string[]> {
  const topic = topicOf(pipeline);
  const producer = kafka.producer({ createPartitioner: () => () => 0 });
  await producer.connect();
  const [acknowledged] = await producer.send({ topic, acks: -1, messages: [...messages] });
  await producer.disconnect();
  return messages.map((_, index) => `${topic}-0-${Number(acknowledged?.baseOffset) + index}`);
}

async function foreign({ database }: Path): Promise<number> {
  const { rows } = await database.query<{ alien: string }>(
    'select sum(alien) as alien from topic_accounts where pipeline = $1',
    [pipeline.name],
  );
  return Number(rows[0]?.alien ?? 0);
}

async function rowOf({ tables }: Path) {
  const { rows } = await tables.execute(
    'SELECT city, full_name, writetime(city) AS written FROM users WHERE user_id = ?',
    [id],
    { prepare: true },
  );
  return { city: rows[0]?.['city'], full_name: rows[0]?.['full_name'], written: rows[0]?.['written'] };
}
