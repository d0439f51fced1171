import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { deadMessage } from '../../../streaming/audit.ts';
import { avroSchemaOf, avroTypeOf } from '../../../streaming/avro.ts';
import { bucketValue } from '../../../streaming/buckets.ts';
import type { PipelineRecord } from '../../../streaming/definition.ts';
import { frameEncoder } from '../../../streaming/framing.ts';
import { manifestOf } from '../../../streaming/manifest.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { projectorOf } from '../../../streaming/projection.ts';
import { crcOf, type Message, messageMaker, type Parts } from './messages.ts';
import { planProblems } from './plan-problems.ts';
import { pythonMs, runPython } from './python.ts';

const schemaId = 7;
const otherSchemaId = 8;
const sentMs = Date.parse('2026-11-24T17:00:00.500Z');
const nowMs = sentMs + 60_000;
const day = 86_400_000;
const message = messageMaker(randomUsers, schemaId, sentMs);
const encode = frameEncoder(avroTypeOf(randomUsers), schemaId);
const [pipeline] = manifestOf([randomUsers]).pipelines;

const real = recordedUsers(300);
const user = real[0] as PipelineRecord;
const versionAt = (ms: number) => ({ version: String(ms * 1000), origin: String(ms * 1000) });
const value = (id: number, payload: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, 0, id]), payload]);
const spoilt = (payload: Buffer): Parts => ({
  value: value(schemaId, payload),
  headers: { crc: crcOf(value(0, payload)) },
});
const good = encode(user);

const aliens: [what: string, reason: string, parts: Parts][] = [
  ['a tombstone', 'tombstone', { value: null }],
  ['no key', 'no_key', { key: null }],
  ['an empty key', 'no_key', { key: Buffer.alloc(0) }],
  ...['run', 'origin', 'seq', 'version', 'schema', 'crc'].map((name): [string, string, Parts] => [
    `no header ${name}`,
    'no_header',
    { headers: { [name]: undefined } },
  ]),
  ['a version that is no number', 'no_header', { headers: { version: 'new' } }],
  ['a version beyond 64 bits', 'no_header', { headers: { version: '90000000000000000000' } }],
  ['another magic byte', 'bad_magic', { value: Buffer.concat([Buffer.from([1]), good.subarray(1)]) }],
  ['an empty value', 'bad_magic', { value: Buffer.alloc(0) }],
  ['a value shorter than a frame', 'bad_magic', { value: Buffer.from([0, 0]) }],
  ['a schema id that nobody knows', 'unknown_schema', { value: value(99, good.subarray(5)) }],
  ['all zeros', 'unknown_schema', { value: Buffer.alloc(60) }],
  ['a header schema that is not the frame’s', 'schema_mismatch', { headers: { schema: '9' } }],
  ['another crc', 'bad_crc', { headers: { crc: '1' } }],
  ['one byte more', 'bad_crc', { value: Buffer.concat([good, Buffer.from([0])]) }],
  ['a truncated payload', 'bad_crc', { value: good.subarray(0, 50) }],
  ['a version of nine quintillions', 'bad_version', { headers: { version: '9000000000000000000' } }],
  ['a version before 1970', 'bad_version', { headers: { version: '-1' } }],
  ['a version 5 min and 1 ms ahead of its message', 'bad_version', { headers: versionAt(sentMs + 300_001) }],
  ['a truncated payload with its right crc', 'undecodable', spoilt(good.subarray(5, 50))],
  [
    'a record of another pipeline',
    'unknown_schema',
    {
      value: value(otherSchemaId, good.subarray(5)),
      headers: { schema: String(otherSchemaId) },
    },
  ],
  [
    'a text that says it is two gigabytes long',
    'undecodable',
    spoilt(Buffer.from('ee ff ff ff 0f 41'.replaceAll(' ', ''), 'hex')),
  ],
];

const broken: [what: string, reason: string, field: string | null, record: PipelineRecord][] = [
  ['a text beyond its limit', 'too_long', 'city', { ...user, city: 'x'.repeat(4097) }],
  ['no uuid', 'bad_uuid', 'user_id', { ...user, user_id: 'nobody' }],
  ['a year that no table takes', 'out_of_range', 'born', { ...user, born: Date.UTC(12_000, 0) }],
  ['an address without @', 'quality:email_has_at', null, { ...user, email: 'nobody' }],
  [
    'registered before being born',
    'quality:born_before_registered',
    null,
    { ...user, born: Number(user['registered']) },
  ],
  ['quotes and control characters', 'quality:email_has_at', null, { ...user, email: '"\\\n\u0001’' }],
];

const cases = [
  ...aliens.map(([, , parts]) => ({ record: user, parts })),
  ...broken.map(([, , , record]) => ({ record, parts: {} as Parts })),
];
const firstReal = cases.length;
const expiredFrom = firstReal + real.length;
const messages: Message[] = [
  ...cases.map(({ record, parts }, offset) => message(record, offset, parts)),
  ...real.map((record, index) => message(record, firstReal + index, { more: [['run', 'a second run header']] })),
  ...[0, 1].map((index) => message(user, expiredFrom + index, { headers: versionAt(nowMs - 365 * day - index) })),
  message(user, expiredFrom + 2, { headers: versionAt(nowMs - 365 * day + 1000) }),
];

interface Answers {
  verdicts: { offset: number; age?: number; verdict?: { reason: string; field?: string; alien: boolean } }[];
  letters: unknown[];
  tables: Record<string, (Record<string, unknown> & { offset: number })[]>;
  coverage: unknown[];
  warm: { verdict?: unknown; version: number }[];
  plans: string[];
}
let answers: Answers;

beforeAll(async () => {
  const schemas = {
    [schemaId]: avroSchemaOf(randomUsers),
    [otherSchemaId]: { ...avroSchemaOf(randomUsers), name: 'Other' },
  };
  answers = await runPython<Answers>('judge-messages.py', { pipeline, schemas, messages, nowMicros: nowMs * 1000 });
}, pythonMs);

const verdictAt = (offset: number) => answers.verdicts.find((row) => row.offset === offset)?.verdict;

describe('a message that is not one of our relay’s', () => {
  it.each(aliens.map(([what, reason], offset) => ({ what, reason, offset })))(
    '$what: $reason',
    ({ reason, offset }) => {
      expect(verdictAt(offset)).toEqual({ reason, alien: true });
    },
  );
});

describe('a record that breaks a rule', () => {
  const rows = broken.map(([what, reason, field], index) => ({ what, reason, field, offset: aliens.length + index }));
  it.each(rows)('$what: $reason', ({ reason, field, offset }) => {
    expect(verdictAt(offset)).toEqual({ reason, alien: false, ...(field ? { field } : {}) });
  });
});

describe('a dead letter', () => {
  const letterAt = (offset: number) =>
    answers.letters.map((letter) => deadMessage.parse(letter)).find((letter) => letter.offset === offset);

  it('is there for every dead message, in the shape of the audit topic', () => {
    expect(answers.letters.map((letter) => deadMessage.parse(letter).offset).sort((a, b) => a - b)).toEqual(
      cases.map((_, offset) => offset),
    );
  });

  it.each(broken.map(([what, , , record], index) => ({ what, record, offset: aliens.length + index })))(
    'of our own record holds its fields as they landed: $what',
    ({ record, offset }) => {
      expect(letterAt(offset)).toMatchObject({
        payload: record,
        identity: String(sentMs * 1000 + offset),
        run: 'a-run',
      });
    },
  );

  it('of an alien holds its bytes and its place', () => {
    const offset = aliens.findIndex(([what]) => what === 'another crc');
    expect(letterAt(offset)).toMatchObject({
      payload: good.toString('base64'),
      identity: `random-users.v1-0-${offset}`,
      run: null,
    });
  });

  it('of a tombstone holds no bytes', () => {
    expect(letterAt(0)?.payload).toBeNull();
  });
});

describe('a good record', () => {
  it('is good although a header comes twice', () => {
    expect(answers.verdicts.filter((row) => row.offset >= firstReal).map((row) => row.verdict)).toEqual(
      messages.slice(firstReal).map(() => undefined),
    );
  });

  it('gives every column of every table, for every real record', () => {
    const users = new Map(answers.tables['users']?.map((row) => [row.offset, row]));
    const byCountry = new Map(answers.tables['users_by_country']?.map((row) => [row.offset, row]));
    real.forEach((record, index) => {
      const offset = firstReal + index;
      expect(users.get(offset)).toEqual(expectedUser(record, offset));
      expect(byCountry.get(offset)).toMatchObject({
        country: record['country'],
        month: bucketValue('month', Number(record['registered'])),
        full_name: `${record['first_name']} ${record['last_name']}`,
        v: sentMs * 1000 + offset,
      });
    });
  });

  it('lives for what is left of its time', () => {
    expect(answers.tables['users']?.find((row) => row.offset === expiredFrom + 2)?.['t']).toBe(1);
  });
});

describe('the account of a batch', () => {
  it('names the dead and the expired of every partition', () => {
    expect(answers.coverage).toEqual([
      {
        partition: 0,
        from: 0,
        until: messages.length,
        dead: cases.length,
        expired: [[expiredFrom, expiredFrom + 2]],
      },
    ]);
  });
});

describe('the warm-up', () => {
  it('makes a message that passes every header check, with the smallest version', () => {
    expect(answers.warm).toEqual([{ version: 1 }]);
  });
});

describe('the plans', () => {
  it('hand no row to Python and move none between partitions', () => {
    expect(answers.plans.map(planProblems)).toEqual([[], [], []]);
    expect(answers.plans.every((plan) => plan.includes('from_avro'))).toBe(true);
  });
});

function expectedUser(record: PipelineRecord, offset: number) {
  const version = sentMs * 1000 + offset;
  const iso = (ms: unknown) => new Date(Number(ms)).toISOString();
  return {
    ...record,
    born: iso(record['born']),
    registered: iso(record['registered']),
    full_name: `${record['first_name']} ${record['last_name']}`,
    address: `${record['street_number']} ${record['street_name']}, ${record['city']}, ${record['state']}, ${record['country']}`,
    v: version,
    t: 365 * 86_400 - Math.floor((nowMs * 1000 - version) / 1e6),
    offset,
  };
}

function recordedUsers(count: number): PipelineRecord[] {
  const file = path.join(import.meta.dirname, '../../data/seed-millrace-page-1-of-5000.json.br');
  const page = JSON.parse(brotliDecompressSync(readFileSync(file)).toString()) as { results: unknown[] };
  const project = projectorOf(randomUsers);
  return page.results.slice(0, count).map((raw) => {
    const projected = project(raw);
    if (!projected.ok) throw new Error(`the recorded page holds a record that is refused: ${projected.reason}`);
    return projected.record;
  });
}
