import { describe, expect, it } from 'vitest';
import { bucketsBackFrom, bucketValue } from '../../streaming/buckets.ts';
import { addColumnCql, tableCqlOf } from '../../streaming/cql.ts';
import { manifestOf } from '../../streaming/manifest.ts';
import { pipelineNamed, pipelines } from '../../streaming/pipelines/index.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';
import { keyFieldsOf, keyOf } from '../../streaming/tables.ts';

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
