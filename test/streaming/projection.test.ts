import { describe, expect, it } from 'vitest';
import { avroTypeOf } from '../../streaming/avro.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';
import { isWhole, projectorOf, relanderOf, reprojectorOf } from '../../streaming/projection.ts';
import { kinds, landed, said } from './kinds.ts';

const raw = {
  gender: 'female',
  name: { title: 'Ms', first: 'Ada', last: 'Lovelace' },
  location: {
    street: { number: 12, name: 'St James’s Square' },
    city: 'London',
    state: 'Greater London',
    country: 'United Kingdom',
    postcode: 12345,
    coordinates: { latitude: 'canary-latitude' },
  },
  email: 'ada@example.com',
  login: {
    uuid: 'C3D1F0E2-3B52-4B7A-9B43-7A1F2B6D9E10',
    username: 'ada',
    password: 'canary-password',
    salt: 'canary-salt',
    md5: 'canary-md5',
  },
  dob: { date: '1990-12-10T05:06:07.089Z', age: 36 },
  registered: { date: '2015-02-28T00:00:00+01:00', age: 11 },
  phone: '020-1',
  cell: 'canary-cell',
  id: { name: 'NINO', value: 'canary-id' },
  picture: { large: 'https://example.com/1.jpg' },
  nat: 'GB',
};
const project = projectorOf(randomUsers);
const changed = (path: string, value: unknown) => {
  const copy = structuredClone(raw) as Record<string, unknown>;
  const steps = path.split('.');
  const last = steps.pop() as string;
  const parent = steps.reduce((node, step) => node[step] as Record<string, unknown>, copy);
  parent[last] = value;
  return copy;
};

describe('A record of the source', () => {
  it('becomes the typed record of the definition', () => {
    expect(project(raw)).toEqual({
      ok: true,
      record: {
        user_id: 'c3d1f0e2-3b52-4b7a-9b43-7a1f2b6d9e10',
        first_name: 'Ada',
        last_name: 'Lovelace',
        gender: 'female',
        nationality: 'GB',
        street_number: 12,
        street_name: 'St James’s Square',
        city: 'London',
        state: 'Greater London',
        country: 'United Kingdom',
        postcode: '12345',
        email: 'ada@example.com',
        username: 'ada',
        phone: '020-1',
        picture: 'https://example.com/1.jpg',
        born: Date.UTC(1990, 11, 10, 5, 6, 7, 89),
        registered: Date.UTC(2015, 1, 27, 23),
      },
    });
  });

  it('survives the round through Avro', () => {
    const projected = project(raw);
    if (!projected.ok) throw new Error('refused');
    const type = avroTypeOf(randomUsers);
    expect({ ...type.fromBuffer(type.toBuffer(projected.record)) }).toEqual(projected.record);
  });

  it.each([
    ['no key', 'login.uuid', undefined, 'missing_key', 'user_id'],
    ['an empty key', 'login.uuid', '', 'bad_uuid', 'user_id'],
    ['a key of another kind', 'login.uuid', 'not-a-uuid', 'bad_uuid', 'user_id'],
    ['no name', 'name.first', null, 'missing', 'first_name'],
    ['no address at all', 'location', null, 'missing', 'street_number'],
    ['a day that its month does not have', 'dob.date', '1990-02-30T00:00:00Z', 'bad_timestamp', 'born'],
    ['a date without zone', 'dob.date', '1990-02-03', 'bad_timestamp', 'born'],
    ['a date beyond year 9999', 'dob.date', 8.64e15, 'out_of_range', 'born'],
    ['text for a number', 'location.street.number', 'twelve', 'wrong_type', 'street_number'],
    ['a fraction for a whole number', 'location.street.number', 1.5, 'wrong_type', 'street_number'],
    ['a number of 33 bits', 'location.street.number', 2 ** 32, 'out_of_range', 'street_number'],
    ['an object for text', 'name.last', { password: 'canary-nested' }, 'wrong_type', 'last_name'],
    ['oversized text', 'location.city', 'x'.repeat(4097), 'too_long', 'city'],
    ['text that is only too long in bytes', 'location.city', 'é'.repeat(2049), 'too_long', 'city'],
    ['NUL, which PostgreSQL refuses', 'name.first', 'a\0b', 'bad_text', 'first_name'],
    ['half a surrogate pair', 'name.first', 'a\ud800', 'bad_text', 'first_name'],
  ])('with %s is refused with its reason', (_, path, value, reason, field) => {
    expect(project(changed(path, value))).toMatchObject({ ok: false, reason, field });
  });

  it.each([[null], ['text'], [7]])('that is %s is refused', (value) => {
    expect(project(value)).toMatchObject({ ok: false, reason: 'not_an_object', field: null });
  });

  it('never leaves anything that the definition does not name, refused or not', () => {
    const answers = [
      project(raw),
      project(changed('login.uuid', 5)),
      project(changed('name.last', { password: 'canary-nested' })),
    ];
    expect(JSON.stringify(answers)).toContain('Ada');
    expect(JSON.stringify(answers)).not.toContain('canary');
  });

  it('keeps only a short, storable piece of what was refused', () => {
    const refused = project(changed('location.city', `a\0\ud800${'x'.repeat(10_000)}`));
    if (refused.ok) throw new Error('accepted');
    expect(String(refused.payload['city'])).toMatch(/^a\uFFFD\uFFFDx{1021}…$/);
    expect(String(refused.payload['city']).isWellFormed()).toBe(true);
  });
});

describe('A record with every kind of field', () => {
  const projectKinds = projectorOf(kinds);

  it('becomes what lands', () => {
    expect(projectKinds(said)).toEqual({ ok: true, record: landed });
  });

  it.each([
    ['kept where it may be', 'note', 'note', null],
    ['kept where a list may be', 'maybe_texts', 'maybe_texts', null],
    ['replaced by a default', 'stars', 'stars', 3],
    ['replaced by a default with all its digits', 'fee', 'fee', '0.50'],
    ['replaced by a default list', 'tags', 'tags', ['none']],
  ])('has null or nothing %s: %s', (_, path, field, value) => {
    for (const nothing of [null, undefined]) {
      expect(projectKinds({ ...said, [path]: nothing })).toEqual({ ok: true, record: { ...landed, [field]: value } });
    }
  });

  it.each([
    ['nothing for a list', 'texts', undefined, 'missing', null],
    ['a text that is not in the set', 'colour', 'blue', 'not_allowed', 'blue'],
    ['digits that would be cut off', 'price', '5.701', 'out_of_range', '5.701'],
    ['a default of another kind', 'stars', 'many', 'wrong_type', 'many'],
    ['an element too long', 'texts', ['short', 'much too long'], 'too_long', ['short', 'much too long']],
    ['an element that is null', 'texts', ['a', null], 'wrong_type', ['a', '(null)']],
    [
      'an element that could hold anything',
      'texts',
      [{ password: 'x' }, ['x']],
      'wrong_type',
      ['(an object)', '(a list)'],
    ],
    ['an object for a list', 'texts', { password: 'x' }, 'wrong_type', '(an object)'],
  ])('is refused with its reason, and shows what was said: %s', (_, path, value, reason, shown) => {
    const refused = projectKinds({ ...said, [path]: value });
    expect(refused).toMatchObject({ ok: false, reason, payload: { [path]: shown } });
  });

  it('shows no more than the beginning of a long list', () => {
    const refused = projectKinds({ ...said, ints: Array(5000).fill('a') });
    expect(refused).toMatchObject({ reason: 'too_long', payload: { ints: [...Array(100).fill('a'), '…'] } });
  });
});

describe('The payload of a record that was refused', () => {
  const field = (name: string) => kinds.record[name] as NonNullable<(typeof kinds.record)[string]>;
  /** Yesterday's definition, which refused the record only for its note. */
  const strict = { ...kinds, record: { ...kinds.record, note: { ...field('note'), isNullable: false } } };

  it('becomes the very record that the source said, when the definition takes it', () => {
    const refused = projectorOf(strict)({ ...said, note: null });
    if (refused.ok) throw new Error('accepted');
    expect(isWhole(refused.payload)).toBe(true);
    const onFile = JSON.parse(JSON.stringify(refused.payload));
    expect(reprojectorOf(kinds)(onFile)).toEqual({ ok: true, record: { ...landed, note: null } });
  });

  it('is refused again, as before, while nothing has changed', () => {
    const refused = projectorOf(strict)({ ...said, note: null });
    if (refused.ok) throw new Error('accepted');
    expect(reprojectorOf(strict)(refused.payload)).toEqual(refused);
  });

  it.each<[string, string, unknown, boolean]>([
    ['as long a text as is kept', 'note', 'x'.repeat(1024), true],
    ['a longer text', 'note', 'x'.repeat(1025), false],
    ['NUL', 'note', 'a\0b', false],
    ['half a surrogate pair', 'note', 'a\ud800', false],
    ['an object', 'note', { a: 1 }, false],
    ['a list where none may be', 'note', ['a'], false],
    ['a list that is short enough', 'texts', Array(100).fill('a'), true],
    ['a longer list', 'texts', Array(101).fill('a'), false],
    ['a list with nothing in it', 'texts', ['a', null], false],
    ['a list with a long text in it', 'texts', ['x'.repeat(1025)], false],
    ['a number', 'note', 7, true],
    ['nothing', 'note', undefined, true],
  ])('is whole with %s: %s', (_, path, value, whole) => {
    const refused = projectorOf(kinds)({ ...said, id: 'none', [path]: value });
    if (refused.ok) throw new Error('accepted');
    expect(isWhole(refused.payload)).toBe(whole);
  });
});

describe('A record that was one before', () => {
  const reland = relanderOf(kinds);
  const without = (name: string) => Object.fromEntries(Object.entries(landed).filter(([field]) => field !== name));

  it.each<[string, unknown, object]>([
    ['as it was', landed, landed],
    ['without a field that has gone', { ...landed, gone: 1 }, landed],
    ['with the default of a field that has come', without('stars'), { ...landed, stars: 3 }],
    ['with nothing in a field that has come and may be empty', without('note'), { ...landed, note: null }],
  ])('lands %s', (_, record, expected) => {
    expect(reland(record)).toEqual({ ok: true, record: expected });
  });

  it.each<[string, unknown]>([
    ['a field that it needs', without('a_int')],
    ['values of its kinds', { ...landed, a_int: 'one' }],
    ['anything at all', 'text'],
  ])('is refused without %s: the relay could not encode it', (_, record) =>
    expect(reland(record)).toMatchObject({ ok: false }),
  );
});
