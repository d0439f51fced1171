import { describe, expect, it } from 'vitest';
import { fieldsOf, type Wishes } from '../../../../local/scaffold/infer/fields.ts';

const nothing: Wishes = { text: [], skip: [] };
const infer = (records: readonly object[], wishes = nothing) => fieldsOf(records, wishes);
const one = (name: string, ...values: readonly unknown[]) => infer(values.map((value) => ({ [name]: value })));

describe('A type is inferred', () => {
  it.each([
    ['uuid', 'id', ['66db237e-0aca-11e7-82f6-3863bb44ef7c'], { type: 'uuid' }],
    ['text where one value is no uuid', 'id', ['66db237e-0aca-11e7-82f6-3863bb44ef7c', 'x'], { type: 'text' }],
    ['text of digits, which may begin with 0', 'code', ['007', '12'], { type: 'text' }],
    ['text with room for longer ones', 'story', ['x'.repeat(5000)], { type: 'text', maxBytes: 16384 }],
    ['timestamp of ISO texts', 'when', ['2026-11-27T15:00:00Z'], { type: 'timestamp' }],
    ['text of a day without a time', 'when', ['2026-11-27'], { type: 'text' }],
    ['timestamp of seconds by name', 'last_reported', [1795790929], { type: 'timestamp', isSeconds: true }],
    [
      'timestamp of seconds where one is unknown',
      'seen',
      [0, ...Array(9).fill(1795790929)],
      { type: 'timestamp', isSeconds: true },
    ],
    ['timestamp of milliseconds by name', 'updatedAt', [1795790929000], { type: 'timestamp' }],
    ['long where no name says that it is a time', 'population', [1795790929], { type: 'long' }],
    ['int where a name like a time holds no time', 'last_floor', [12], { type: 'int' }],
    ['int', 'bikes', [0, 12, -3], { type: 'int' }],
    ['long for an id, which only grows', 'user_id', [7], { type: 'long' }],
    ['double', 'mag', [1, 2.5], { type: 'double' }],
    ['double for a latitude that happens to be whole', 'lat', [52], { type: 'double' }],
    ['boolean', 'is_renting', [true, false], { type: 'boolean' }],
    ['list', 'tags', [['a'], [], ['b', 'c']], { type: 'list', of: 'text' }],
    ['list of numbers', 'coordinates', [[1.5, 2]], { type: 'list', of: 'double' }],
  ])('%s', (_what, name, values, type) => {
    expect(one(name, ...values).fields).toMatchObject([{ path: name, type }]);
  });
});

describe('A field is left out', () => {
  it.each([
    ['a list of objects', 'types', [[{ count: 1 }]], 'a list of objects'],
    ['a list of lists', 'rings', [[[1, 2]]], 'a list of lists'],
    ['a list of mixed elements', 'mixed', [[1, 'a']], 'a list of number and text'],
    ['a list with nulls', 'holes', [[1, null]], 'a list with nulls in it'],
    ['a list that is always empty', 'none', [[], []], 'a list that is empty everywhere'],
    ['what is always null', 'tz', [null, null], 'null in every record'],
    [
      'numbers that JSON does not carry',
      'big',
      [2 ** 60],
      'whole numbers beyond 2^53, which JSON does not carry exactly',
    ],
    ['a secret', 'password', ['hunter2'], 'its name sounds like a secret'],
    ['a name with a dot', 'a.b', [1], 'a name that no dot path can say'],
  ])('%s', (_what, name, values, why) => {
    expect(one(name, ...values)).toEqual({ fields: [], leftOut: [{ path: name, why }] });
  });

  it('when --skip names it or what it lies in', () => {
    const { fields, leftOut } = infer([{ a: 1, b: { c: 2 } }], { text: [], skip: ['b'] });
    expect(fields.map(({ path }) => path)).toEqual(['a']);
    expect(leftOut).toEqual([{ path: 'b', why: '--skip' }]);
  });
});

describe('What is missing somewhere may be null', () => {
  it.each([
    ['null', { bikes: null }],
    ['absent', {}],
  ])('%s', (_what, other) => {
    expect(infer([{ bikes: 1 }, other]).fields).toMatchObject([{ path: 'bikes', missing: 1 }]);
  });

  it('an object that is null leaves its fields out', () => {
    const { fields } = infer([{ place: { lat: 1.5 } }, { place: null }]);
    expect(fields).toMatchObject([{ path: 'place.lat', name: 'place_lat', missing: 1 }]);
  });
});

describe('Mixed types in one field', () => {
  const refusal =
    (...values: unknown[]) =>
    () =>
      one('postcode', ...values);
  it.each([
    ['text and number', ['M2B', 14291], /field postcode: .*got text and number; take it as text \(--text postcode\)/],
    ['boolean and number', [true, 1], /field postcode: .*got boolean and number; .*--skip postcode/],
    ['list and text', [['a'], 'a'], /field postcode: .*got list and text; .*--skip postcode/],
    ['object and text', [{ a: 1 }, 'a'], /field postcode: .*got object and text; .*--skip postcode/],
  ])('%s are refused with the way out', (_what, values, message) => {
    expect(refusal(...values)).toThrow(message);
  });

  it('are text when --text says so', () => {
    const wishes = { text: ['postcode'], skip: [] };
    expect(infer([{ postcode: 'M2B' }, { postcode: 14291 }], wishes).fields).toMatchObject([
      { type: { type: 'text' } },
    ]);
  });

  it.each([
    ['--text', { text: ['nowhere'], skip: [] }],
    ['--skip', { text: [], skip: ['nowhere'] }],
  ])('%s of a path that no record has is refused', (option, wishes) => {
    expect(() => infer([{ a: 1 }], wishes)).toThrow(`${option}: expected a path of the sample's records, got nowhere`);
  });

  it('--text of a list is refused', () => {
    expect(() => infer([{ tags: ['a'] }], { text: ['tags'], skip: [] })).toThrow(
      /field tags: .*got list; .*--skip tags/,
    );
  });
});

describe('What says something about a person is guessed', () => {
  it.each([
    ['an address by its name', { email: 'x' }, 'direct'],
    ['an address by its value', { contact: 'ann@example.com' }, 'direct'],
    ['a phone number by its value', { call: '(600) 783-1624' }, 'direct'],
    ['an IP address by its value', { from: '192.0.2.7' }, 'direct'],
    ['a first name', { name: { first: 'Ann' } }, 'direct'],
    ['a birthday', { dob: { date: '1993-02-19T02:33:43.153Z' } }, 'direct'],
    ['a place on earth', { lat: 52.1 }, 'quasi'],
    ['a gender', { gender: 'female' }, 'quasi'],
    ['a station called something', { name: 'Central' }, 'none'],
    ['a day and an hour', { day: '2026-11-27 15.00' }, 'none'],
    ['a count', { num_bikes_available: 3 }, 'none'],
  ])('%s', (_what, record, pii) => {
    expect(infer([record]).fields).toMatchObject([{ pii }]);
  });

  it('a name beside an e-mail address is a person’s, and an id narrows it down', () => {
    const { fields } = infer([{ id: 1, name: 'Ann', email: 'ann@example.com', visits: 3 }]);
    expect(fields.map(({ name, pii }) => [name, pii])).toEqual([
      ['id', 'quasi'],
      ['name', 'direct'],
      ['email', 'direct'],
      ['visits', 'none'],
    ]);
  });
});
