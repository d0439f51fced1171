import { types } from 'cassandra-driver';
import { describe, expect, it } from 'vitest';
import { printRows, type Row, rowLimit, shown, tableOf } from '../../../local/commands/rows.ts';
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

describe('Printed rows', () => {
  async function printed(rows: number, json: boolean, limit: number) {
    let taken = 0;
    let isClosed = false;
    async function* source(): AsyncGenerator<Row> {
      try {
        for (; taken < rows; taken += 1) yield { n: taken };
      } finally {
        isClosed = true;
      }
    }
    const out: string[] = [];
    const errors: string[] = [];
    const to = { log: (line: string) => void out.push(line), error: (line: string) => void errors.push(line) };
    await printRows(source(), { json, limit }, to);
    return { out, errors, taken, isClosed };
  }

  it('are cut at the limit, which is said, and no more are asked for', async () => {
    expect(await printed(1_000_000, true, 2)).toEqual({
      out: ['{"n":0}', '{"n":1}'],
      errors: [expect.stringMatching(/^Cut after 2 rows.*--limit all/)],
      taken: 2,
      isClosed: true,
    });
  });

  it.each([
    ['exactly the limit', 2, 2],
    ['all', 2, Number.POSITIVE_INFINITY],
  ])('are not called cut when they are %s', async (_, rows, limit) => {
    expect(await printed(rows, true, limit)).toMatchObject({ out: ['{"n":0}', '{"n":1}'], errors: [] });
  });

  it('come in tables of a thousand, however many they are', async () => {
    const { out } = await printed(2500, false, Number.POSITIVE_INFINITY);
    expect(out.map((table) => table.split('\n').length - 4)).toEqual([1000, 1000, 500]);
  });

  it.each([
    ['a person', false, ['No rows.']],
    ['a program', true, []],
  ])('that are none: %s reads so', async (_, json, expected) => {
    expect((await printed(0, json, 5)).out).toEqual(expected);
  });

  it.each([
    ['12', 12],
    ['all', Number.POSITIVE_INFINITY],
  ])('are limited to %s', (text, expected) => expect(rowLimit(text)).toBe(expected));

  it('are limited to nothing else', () => expect(() => rowLimit('none')).toThrow(/at least 1, or all, got none/));
});
