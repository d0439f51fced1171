import { describe, expect, it } from 'vitest';
import { type Definition, definePipeline } from '../../streaming/definition.ts';
import { boolean, decimal, type Field, int, list, oneOf, text, timestamp, uuid } from '../../streaming/fields.ts';

const record = {
  id: uuid('id').key().pii('none'),
  name: text('name').pii('direct'),
  note: text('note').nullable().pii('none'),
};
const good: Definition = {
  name: 'good-one',
  schedule: { every: '1m', records: 10 },
  source: {
    kind: 'http',
    url: 'https://api.example/',
    query: ({ page }) => ({ page }),
    records: 'list',
    maxPage: 10,
  },
  record,
  tables: { good_rows: { partition: ['id'] } },
  keep: { landing: '7d', topic: '7d', tables: '30d' },
};
const table = (changes: object) => ({ tables: { good_rows: { partition: ['id'], ...changes } } });
const extra = (field: Field) => ({ record: { ...record, extra: field.pii('none') } });
const column = (field: Field) => table({ columns: { made: field } });

describe('A definition is accepted', () => {
  it.each<[string, object]>([
    [
      'with a default for each type',
      {
        record: {
          ...record,
          d_text: text('x').default('').pii('none'),
          d_uuid: uuid('x').default('c3d1f0e2-3b52-4b7a-9b43-7a1f2b6d9e10').pii('none'),
          d_int: int('x').default(0).pii('none'),
          d_boolean: boolean('x').default(false).pii('none'),
          d_time: timestamp('x', { unit: 's' }).default(1_764_259_200_000).pii('none'),
          d_decimal: decimal('x', 5, 2).default('0.00').pii('none'),
          d_colour: oneOf('x', ['green', 'red']).default('red').pii('none'),
          d_list: list(decimal('x', 5, 2))
            .default(['1.00'])
            .pii('none'),
          d_times: list(timestamp('x', { unit: 's' }))
            .default([1_764_259_200_000])
            .pii('none'),
          d_tags: list(text('x'), { split: ',' }).default([]).pii('none'),
        },
      },
    ],
    ['with the largest decimal', extra(decimal('x', 38, 38))],
    ['with a list of parts that are written as text', extra(list(uuid('x'), { split: ' ' }))],
    ['with a list that may be null', extra(list(oneOf('x', ['a', 'b'])).nullable())],
    [
      'with a column that counts a list',
      { record: { ...record, tags: list(text('x')).pii('none') }, ...column(int('size(tags)')) },
    ],
    [
      'with a column that takes an element',
      { record: { ...record, tags: list(text('x')).pii('none') }, ...column(text('get(tags, 0)')) },
    ],
    ['with a column that is a list', column(list(text('array(name, note)')))],
    ['with a column that is a decimal', column(decimal('cast(length(name) AS decimal(9, 2)) / 3', 9, 2))],
  ])('%s', (_, changes) => {
    expect(() => definePipeline({ ...good, ...changes })).not.toThrow();
  });
});

describe('A definition is refused at load, saying what was expected and what was found,', () => {
  it.each<[string, object, RegExp]>([
    [
      'for a key with a default',
      { record: { ...record, id: record.id.default('x') } },
      /expected a key that the source says/,
    ],
    [
      'for a key that is a list',
      { record: { ids: list(text('x')).key().pii('none') } },
      /record\.ids: expected a scalar as key/,
    ],
    [
      'for a key that is a decimal',
      { record: { amount: decimal('x', 5, 2).key().pii('none') } },
      /text\(\) or long\(\), got a decimal/,
    ],
    [
      'for a field that keeps null and replaces it',
      extra(text('x').nullable().default('a')),
      /either \.nullable\(\).* or \.default\(\).*got both/,
    ],
    [
      'for a default of another kind',
      extra(int('x').default('5' as never)),
      /record\.extra: expected a default as a record holds it: a whole number of 32 bits, got "5" \(wrong_type\)/,
    ],
    [
      'for a default that is not allowed',
      extra(oneOf('x', ['a', 'b']).default('c' as never)),
      /a text that the field allows, got "c" \(not_allowed\)/,
    ],
    [
      'for a default with too few digits',
      extra(decimal('x', 5, 2).default('0.5')),
      /as a record holds it: "0\.50".*got "0\.5"/,
    ],
    [
      'for a default with too many digits',
      extra(decimal('x', 5, 2).default('0.555')),
      /a text of its digits with 2 digits after the point, got "0\.555"/,
    ],
    [
      'for a default that is a time as text',
      extra(timestamp('x').default('1970-01-01T00:00:01Z' as never)),
      /as a record holds it: 1000, got/,
    ],
    [
      'for a default list that is a text',
      extra(list(text('x'), { split: ',' }).default('a,b' as never)),
      /as a record holds it: \["a","b"\], got "a,b"/,
    ],
    ['for a closed set of nothing', extra(oneOf('x', [])), /oneOf\(\) with at least one text, got none/],
    ['for a closed set with a text twice', extra(oneOf('x', ['a', 'b', 'a'])), /every text once, got "a" twice/],
    ['for a decimal of no digits', extra(decimal('x', 0, 0)), /a precision of 1 to 38 digits, got 0/],
    ['for a decimal of too many digits', extra(decimal('x', 39, 0)), /a precision of 1 to 38 digits, got 39/],
    ['for a decimal of half a digit', extra(decimal('x', 1.5, 0)), /precision.*got 1\.5/],
    [
      'for a decimal with more digits behind the point than digits',
      extra(decimal('x', 5, 6)),
      /a scale of 0 to its precision, 5, got 6/,
    ],
    ['for a decimal with a negative scale', extra(decimal('x', 5, -1)), /a scale of 0.*got -1/],
    ['for a list of lists', extra(list(list(text('x')))), /a list of scalars.*got a list of lists/],
    ['for a list whose element is a wrong decimal', extra(list(decimal('x', 0, 0))), /precision of 1 to 38/],
    ['for a list whose element may be null', extra(list(text('x').nullable())), /said of the list itself/],
    ['for a list whose element is a key', extra(list(text('x').key())), /said of the list itself/],
    ['for a list whose element has a default', extra(list(text('x').default('a'))), /said of the list itself/],
    ['for a list whose element has a PII class', extra(list(text('x').pii('none'))), /said of the list itself/],
    [
      'for a longest text said of a list',
      extra(list(text('x')).max(5)),
      /list\(text\(\.\.\.\)\.max\(\.\.\.\)\), got it on the list/,
    ],
    ['for an empty separator', extra(list(text('x'), { split: '' })), /a separator of at least one character/],
    [
      'for numbers to be split from a text',
      extra(list(int('x'), { split: ',' })),
      /split for a list of text, uuid, timestamp, decimal, got one of int/,
    ],
    ['for a column of a closed set', column(oneOf('name', ['a', 'b'])), /columns\.made: expected text\(\)/],
    [
      'for a column that may be null',
      column(text('name').nullable()),
      /columns\.made: expected a type and an expression/,
    ],
    [
      'for a column with a default',
      column(text('name').default('a')),
      /columns\.made: expected a type and an expression/,
    ],
    ['for a column of a wrong decimal', column(decimal('1', 39, 0)), /columns\.made: .*precision/],
    [
      'for an element taken by a function that may throw',
      column(text('element_at(array(name), 0)')),
      /function element_at\(\) is not on the list/,
    ],
    [
      'for a list in the key of a table',
      {
        record: { ...record, tags: list(text('x')).pii('none') },
        ...table({ cluster: ['tags'], records: 'immutable' }),
      },
      /good_rows: key: expected scalars .*, got tags, a list/,
    ],
    [
      'for a decimal in the key of a table',
      {
        record: { ...record, cost: decimal('x', 5, 2).pii('none') },
        ...table({ cluster: ['cost'], records: 'immutable' }),
      },
      /got cost, a decimal/,
    ],
  ])('%s', (_, changes, message) => {
    expect(() => definePipeline({ ...good, ...changes } as Definition)).toThrow(message);
  });
});
