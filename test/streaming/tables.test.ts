import { describe, expect, it } from 'vitest';
import { bucketsBackFrom, bucketValue } from '../../streaming/buckets.ts';
import { addColumnCql, tableCqlOf } from '../../streaming/cql.ts';
import { manifestOf } from '../../streaming/manifest.ts';
import { pipelineNamed, pipelines } from '../../streaming/pipelines/index.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';
import { columnsOf, keyFieldsOf, keyOf } from '../../streaming/tables.ts';
import { kinds } from './kinds.ts';

describe('A table', () => {
  it('is created with its key first and its clustering order', () => {
    expect(tableCqlOf(randomUsers, 'users_by_country')).toBe(`CREATE TABLE IF NOT EXISTS millrace.users_by_country (
  country text,
  month text,
  registered timestamp,
  user_id uuid,
  gender text,
  city text,
  state text,
  email text,
  full_name text,
  PRIMARY KEY ((country, month), registered, user_id)
) WITH CLUSTERING ORDER BY (registered DESC, user_id ASC)`);
  });

  it('freezes its lists, so that writing them again changes nothing', () => {
    const types = tableCqlOf(kinds, 'things')
      .split('\n')
      .map((line) => line.trim().replace(/,$/, ''));
    expect(types).toEqual(
      expect.arrayContaining([
        'price decimal',
        'texts frozen<list<text>>',
        'ids frozen<list<uuid>>',
        'longs frozen<list<bigint>>',
        'times frozen<list<timestamp>>',
        'prices frozen<list<decimal>>',
        'sorted frozen<list<int>>',
      ]),
    );
  });

  it.each([
    ['a decimal in just its digits', 'total', 'cast(price * stars AS decimal(12, 2))'],
    ['a list without NULL, which Cassandra refuses', 'both', 'array_compact(array(a_text, note))'],
    ['everything else as it says', 'text_count', 'size(texts)'],
  ])('computes %s', (_, name, sql) => {
    const columns = columnsOf(kinds, kinds.tables['things'] ?? { partition: [] });
    expect(columns.find((column) => column.name === name)?.sql).toBe(sql);
  });

  it('that no definition has is said with those that exist', () => {
    expect(() => tableCqlOf(randomUsers, 'people')).toThrow(/expected one of users, users_by_country, got people/);
  });

  it('gains a column by one statement', () => {
    expect(addColumnCql('users', { name: 'age', type: 'long', sql: 'age' })).toBe(
      'ALTER TABLE millrace.users ADD age bigint',
    );
  });

  it("knows a record's key outside Spark", () => {
    const record = { user_id: 'u', country: 'Norway', registered: Date.UTC(2017, 9, 31, 23, 59) };
    expect(keyOf(randomUsers.tables.users_by_country, record)).toEqual({ ...record, month: '2017-10' });
  });

  it('needs only these fields of a record for the keys of all tables', () => {
    expect(keyFieldsOf(randomUsers)).toEqual(['user_id', 'country', 'registered']);
  });
});

describe('A bucket', () => {
  it.each([
    ['month', Date.UTC(2017, 9, 31, 23, 59, 59), '2017-10'],
    ['day', Date.UTC(2017, 9, 31, 23, 59, 59), '2017-10-31'],
  ] as const)('of a %s is in UTC', (unit, ms, value) => {
    expect(bucketValue(unit, ms)).toBe(value);
  });

  it('is followed by the one before it, over the turn of a year and short months', () => {
    expect([...bucketsBackFrom('month', Date.UTC(2017, 2, 31), Date.UTC(2016, 11, 1))]).toEqual([
      '2017-03',
      '2017-02',
      '2017-01',
      '2016-12',
    ]);
    expect([...bucketsBackFrom('day', Date.UTC(2017, 0, 1, 5), Date.UTC(2016, 11, 31))]).toEqual([
      '2017-01-01',
      '2016-12-31',
    ]);
  });
});

describe('The manifest', () => {
  const manifest = manifestOf(pipelines);

  it('carries every decision as text: JSON and back is the same', () => {
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
  });

  it('calls a quality rule that yields NULL broken', () => {
    const rule = manifest.pipelines[0]?.rules.find(({ reason }) => reason === 'quality:born_before_registered');
    expect(rule?.broken).toBe('coalesce(NOT (born < registered), true)');
  });

  it('knows how every kind of value landed', () => {
    const [{ fields = [] } = {}] = manifestOf([kinds]).pipelines;
    const landed = Object.fromEntries(fields.map((field) => [field.name, field.landed]));
    expect(landed).toMatchObject({
      a_text: 'a_text',
      a_time: 'unix_millis(a_time)',
      price: "format_number(price, '0.00')",
      cost: "format_number(cost, '0')",
      texts: 'texts',
      times: 'transform(times, x -> unix_millis(x))',
      prices: "transform(prices, x -> format_number(x, '0.0000000000'))",
    });
  });

  it('judges what is in a list as it judges a value of its own', () => {
    const rules = manifestOf([kinds]).pipelines[0]?.rules.map(({ reason, field, broken }) => [reason, field, broken]);
    expect(rules).toEqual(
      expect.arrayContaining([
        ['not_allowed', 'colour', `coalesce(NOT (colour IN ('green', 'it\\'s \\\\ "red"')), false)`],
        ['too_long', 'texts', 'coalesce(size(texts) > 1000, false)'],
        ['too_long', 'texts', 'coalesce(exists(texts, x -> octet_length(x) > 10), false)'],
        ['not_allowed', 'colours', "coalesce(exists(colours, x -> NOT (x IN ('green', 'red'))), false)"],
      ]),
    );
  });

  it('refuses what Cassandra would refuse before anything is written', () => {
    const reasons = manifest.pipelines[0]?.rules.map(({ reason, field }) => `${reason} ${field}`);
    expect(reasons).toEqual(
      expect.arrayContaining(['missing_key user_id', 'bad_uuid user_id', 'too_long city', 'out_of_range born']),
    );
  });
});

describe('A pipeline', () => {
  it('that does not exist is said with those that do', () => {
    expect(() => pipelineNamed('users')).toThrow(/expected one of random-users.*got "users"/);
  });
});
