import { types } from 'cassandra-driver';
import { describe, expect, it } from 'vitest';
import { shown, tableOf } from '../../../local/commands/rows.ts';
import { fromText, named } from '../../../local/commands/sql-read.ts';

const id = '0b0b0b0b-0000-4000-8000-000000000000';

describe('A row', () => {
  it.each([
    ['an instant', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an id', types.Uuid.fromString(id), id],
    ['a small bigint', 5n, 5],
    ['a bigint beyond exact numbers', 2n ** 60n, String(2n ** 60n)],
    ['bytes', Buffer.from([255]), '0xff'],
    ['a collection', { a: [1n] }, { a: [1] }],
    ['null', null, null],
  ])('shows %s', (_, value, expected) => expect(shown(value)).toEqual(expected));

  it('is a line of a table, with nothing for null', () => {
    expect(tableOf([{ a: 1, b: null, c: { d: 1 } }])).toMatch(/│ 1 │ {3}│ \{"d":1\} │/);
  });

  it.each<[number, string, unknown]>([
    [16, 't', true],
    [20, '9007199254740993', '9007199254740993'],
    [20, '12', 12],
    [701, 'NaN', 'NaN'],
    [3802, '{"a":1}', { a: 1 }],
    [1184, '2026-11-24 17:00:00+00', '2026-11-24 17:00:00+00'],
  ])('holds what type %i of PostgreSQL says as %s', (type, text, value) => expect(fromText(type, text)).toEqual(value));

  it('refuses columns that hide one another', () => {
    expect(() => named(['a', 'a'], [[1, 2]])).toThrow(/got a twice/);
  });
});
