import { beforeAll, describe, expect, it } from 'vitest';
import { avroSchemaOf, codecOf } from '../../../streaming/avro.ts';
import type { PipelineRecord } from '../../../streaming/definition.ts';
import { manifestOf } from '../../../streaming/manifest.ts';
import { kinds, landed } from '../kinds.ts';
import { crcOf, type Message, messageMaker } from './messages.ts';
import { planProblems } from './plan-problems.ts';
import { pythonMs, runPython } from './python.ts';

const schemaId = 7;
const olderId = 8;
const sentMs = Date.parse('2026-11-24T17:00:00.500Z');
const message = messageMaker(kinds, schemaId, sentMs);
const [pipeline] = manifestOf([kinds]).pipelines;
const schema = avroSchemaOf(kinds);

/** What the relay wrote before these fields were part of the definition. */
const later = ['note', 'cost', 'stars', 'fee', 'maybe_texts', 'tags'];
const older = { ...schema, fields: schema.fields.filter(({ name }) => !later.includes(name)) };

const broken: [what: string, reason: string, field: string, changes: PipelineRecord][] = [
  ['a text that is not in the set', 'not_allowed', 'colour', { colour: 'blue' }],
  ['an element that is not in the set', 'not_allowed', 'colours', { colours: ['green', 'blue'] }],
  ['an element too long', 'too_long', 'texts', { texts: ['short', 'much too long'] }],
  ['an element too many', 'too_long', 'ints', { ints: Array(1001).fill(1) }],
  ['an element that is no uuid', 'bad_uuid', 'ids', { ids: ['nobody'] }],
  ['an element of a year that no table takes', 'out_of_range', 'times', { times: [0, Date.UTC(12_000, 0)] }],
];

const good: [what: string, record: PipelineRecord][] = [
  ['as it landed', landed],
  ['with null where it may be', { ...landed, note: null, cost: null, maybe_texts: null }],
  ['with empty lists', { ...landed, texts: [], parts: [], ids: [], times: [], prices: [], maybe_texts: [], tags: [] }],
  ['with the longest numbers', { ...landed, price: '-9999999.99', tiny: `${'9'.repeat(10)}.${'9'.repeat(10)}` }],
  ['with lists as long as they may be', { ...landed, texts: Array(1000).fill('a'), ints: Array(1000).fill(-1) }],
];

const spoilt = broken.length;
const huge = spoilt + good.length;
const old = huge + 1;

/** A list that says it has a thousand million elements: making room for them would end the JVM. */
function hugeList(): Buffer {
  const before = {
    ...schema,
    fields: schema.fields.slice(
      0,
      schema.fields.findIndex(({ name }) => name === 'texts'),
    ),
  };
  return framed(schemaId, Buffer.concat([codecOf(before).toBuffer(landed), Buffer.from('8080808008', 'hex')]));
}

const framed = (id: number, payload: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, 0, id]), payload]);

function messageOf(value: Buffer, offset: number, id: number): Message {
  return message(landed, offset, { value, headers: { crc: crcOf(value), schema: String(id) } });
}

const messages = [
  // The first one: Avro makes no room where it can use that of the record before.
  messageOf(hugeList(), huge, schemaId),
  ...broken.map(([, , , changes], offset) => message({ ...landed, ...changes }, offset)),
  ...good.map(([, record], index) => message(record, spoilt + index)),
  messageOf(framed(olderId, codecOf(older).toBuffer(landed)), old, olderId),
];

interface Answers {
  verdicts: { offset: number; verdict?: object }[];
  letters: { offset: number; payload: unknown }[];
  tables: { things: { offset: number }[] };
  warm: { verdict?: unknown; version: number }[];
  plans: string[];
}
let answers: Answers;

beforeAll(async () => {
  const schemas = { [schemaId]: schema, [olderId]: older };
  const nowMicros = sentMs * 1000;
  answers = await runPython<Answers>('judge-messages.py', { pipeline, schemas, messages, nowMicros });
}, pythonMs);

const verdictAt = (offset: number) => answers.verdicts.find((row) => row.offset === offset)?.verdict;
const rowAt = (offset: number) => answers.tables.things.find((row) => row.offset === offset);

describe('a record that breaks a rule', () => {
  const rows = broken.map(([what, reason, field, changes], offset) => ({ what, reason, field, changes, offset }));

  it.each(rows)('$what: $reason', ({ reason, field, offset }) => {
    expect(verdictAt(offset)).toEqual({ reason, field, alien: false });
  });

  it.each(rows)('is shown in its dead letter as it landed: $what', ({ changes, offset }) => {
    const letter = answers.letters.find((one) => one.offset === offset);
    expect(letter?.payload).toEqual({ ...landed, ...changes });
  });
});

describe('a good record', () => {
  it.each(good.map(([what, record], index) => ({ what, record, offset: spoilt + index })))(
    'gives every column of its table: $what',
    ({ record, offset }) => {
      expect(verdictAt(offset)).toBeUndefined();
      expect(rowAt(offset)).toMatchObject(rowOf(record));
    },
  );

  it('gives the columns that are computed from its lists and decimals', () => {
    expect(rowAt(spoilt)).toMatchObject({
      all_texts: 'b|a|',
      text_count: 3,
      first_text: 'b',
      is_green: true,
      total: 28.5,
      half: 2.85,
      both: [landed.a_text, landed.note],
      sorted: [1, 2, 3],
    });
    expect(rowAt(spoilt + 2)).not.toHaveProperty('first_text');
    // Cassandra would refuse a list with NULL in it, and the whole batch with it.
    expect(rowAt(spoilt + 1)).toMatchObject({ both: [landed.a_text] });
  });

  it('of an older schema has the defaults of the definition', () => {
    expect(verdictAt(old)).toBeUndefined();
    const defaults = { stars: 3, fee: '0.50', tags: ['none'], note: null, cost: null, maybe_texts: null };
    expect(rowAt(old)).toMatchObject(rowOf({ ...landed, ...defaults }));
  });
});

it('a list that says it has a thousand million elements is foreign, and nothing else', () => {
  expect(verdictAt(huge)).toEqual({ reason: 'undecodable', alien: true });
});

it('the warm-up makes a message of every kind of field, which passes every check', () => {
  expect(answers.warm).toEqual([{ version: 1 }]);
});

it('no plan hands a row to Python or moves one between partitions', () => {
  expect(answers.plans.map(planProblems)).toEqual([[], []]);
});

/** A row as JSON: numbers for decimals, ISO texts for times, and nothing for null. */
function rowOf(record: PipelineRecord): object {
  const values = Object.entries(kinds.record).map(([name, field]) => {
    const toJson = (value: unknown) => {
      const { type } = field.element ?? field;
      if (type === 'decimal') return Number(value);
      return type === 'timestamp' ? new Date(Number(value)).toISOString() : value;
    };
    const value = record[name];
    return [name, Array.isArray(value) ? value.map(toJson) : toJson(value)] as const;
  });
  return Object.fromEntries(values.filter(([name]) => record[name] !== null));
}
