import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Definition, definePipeline, type RecordOf } from '../../streaming/definition.ts';
import { checkTablesApart } from '../../streaming/definition-check.ts';
import { decimal, desc, list, monthOf, oneOf, text, timestamp, uuid, versionField } from '../../streaming/fields.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';

const record = {
  id: uuid('id').key().pii('none'),
  name: text('name').max(850).pii('direct'),
  seen: timestamp('seen').pii('none'),
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
const quota = { records: 10, per: '5m' };
const onePage = { ...good.source, maxPage: 1 };
const table = (changes: object) => ({ tables: { good_rows: { partition: ['id'], ...changes } } });

describe('A definition is accepted', () => {
  it.each<[string, object]>([
    ['when it names only what exists', {}],
    ['with a table keyed by identity and version', { version: versionField('seen'), ...table({ cluster: ['seen'] }) }],
    [
      'with a bucket of the version in a key',
      { version: versionField('seen'), ...table({ partition: ['day', 'id'], columns: { day: monthOf('seen') } }) },
    ],
    ['with one record a run and one record a page', { schedule: { every: '1m', records: 1 }, source: onePage }],
    ['with as many records as fit between two instants', { schedule: { every: '1m', records: 60_000_000 } }],
    ['with a name of forty letters', { name: 'a'.repeat(40) }],
    ['with a quota and a word on empty answers', { source: { ...onePage, quota, empty: 'allowed' } }],
    ['with a quality rule that can be read', { quality: { has_name: "name <> ''" } }],
    ['with the smallest batch', table({ write: { grouping: 'none', rows: 1, concurrent: 1 } })],
    ['with the largest batch', table({ write: { grouping: 'none', rows: 25, concurrent: 1 } })],
    ['with other fields in a key of immutable records', table({ cluster: [desc('name')], records: 'immutable' })],
  ])('%s', (_, changes) => {
    expect(() => definePipeline({ ...good, ...changes })).not.toThrow();
  });

  it('as the one that ships', () => {
    expect(randomUsers.name).toBe('random-users');
  });
});

describe('A definition is refused at load, saying what was expected and what was found,', () => {
  it.each<[string, object, RegExp]>([
    ['for an unknown key', { shedule: {} }, /expected only the keys name, .*, got shedule/],
    [
      'for a name that is no name',
      { name: 'Bad_Name' },
      /name: expected lower-case words joined by hyphens.*got Bad_Name/,
    ],
    ['for a step that does not divide an hour', { schedule: { every: '7m', records: 1 } }, /schedule\.every.*got "7m"/],
    ['for a key that is missing', { keep: { landing: '7d', topic: '7d' } }, /keep: expected the key tables, got only/],
    ['for a name of 41 letters', { name: 'a'.repeat(41) }, /name: expected .* at most 40/],
    ['for a name with something behind it', { name: 'good-one ' }, /name: expected lower-case words/],
    ['for an unknown key of its schedule', { schedule: { ...good.schedule, at: 1 } }, /schedule: expected only/],
    [
      'for an unknown key of its source',
      { source: { ...good.source, uri: '' } },
      /source: expected only the keys kind/,
    ],
    ['for an unknown key of what it keeps', { keep: { ...good.keep, audit: '7d' } }, /keep: expected only/],
    [
      'for an unknown key of its quota',
      { source: { ...onePage, quota: { ...quota, x: 1 } } },
      /source\.quota: expected only/,
    ],
    [
      'for a quota of no time',
      { source: { ...onePage, quota: { records: 1, per: '5x' } } },
      /source\.quota\.per: .*5x/,
    ],
    [
      'for a time to keep that is none',
      { keep: { ...good.keep, topic: 'x7d' } },
      /keep\.topic: expected whole days.*x7d/,
    ],
    ['for a version of no field', { version: { field: 'seem' } }, /version: expected a timestamp field.*got seem/],
    ['for no table', { tables: {} }, /tables: expected at least one table, got none/],
    [
      'for a table without partition key',
      table({ partition: [] }),
      /partition: expected at least one column, got none/,
    ],
    [
      'for a table of an unknown field',
      table({ only: ['id', 'nam'] }),
      /good_rows\.only: expected fields of the record \(id, name.*nam/,
    ],
    [
      'for an unknown key of its writes',
      table({ write: { grouping: 'none', rows: 1, concurrent: 1, x: 1 } }),
      /write: expected only/,
    ],
    [
      'for batches of nothing',
      table({ write: { grouping: 'none', rows: 0, concurrent: 1 } }),
      /write\.rows: expected 1 to 25.*got 0/,
    ],
    [
      'for batches one row too long',
      table({ write: { grouping: 'none', rows: 26, concurrent: 1 } }),
      /write\.rows.*got 26/,
    ],
    ['for no records a run', { schedule: { every: '1m', records: 0 } }, /schedule\.records.*got 0/],
    [
      'for more records than fit between two instants',
      { schedule: { every: '1m', records: 60_000_001 } },
      /1 to 60000000/,
    ],
    [
      'for a source without TLS',
      { source: { ...good.source, url: 'http://api.example' } },
      /source\.url: expected an https address/,
    ],
    [
      'for a source that is called replayable',
      { source: { ...good.source, replayable: true as unknown as false } },
      /source\.replayable: expected false/,
    ],
    ['for a paging that is none', { source: { ...good.source, paging: 'cursor' as 'window' } }, /source\.paging/],
    ['for a page of no records', { source: { ...good.source, maxPage: 0 } }, /source\.maxPage/],
    [
      'for a field without PII class',
      { record: { ...record, extra: text('extra') } },
      /record\.extra: expected \.pii\(/,
    ],
    [
      'for a field name that Keyspaces refuses',
      { record: { ...record, x: text('x').pii('none') } },
      /record\.x: expected a name of 2 to 48/,
    ],
    [
      'for a field name that begins with a digit',
      { record: { ...record, '1st': text('x').pii('none') } },
      /starts with a letter, got 1st/,
    ],
    [
      'for a table name that is a word of CQL',
      { tables: { order: { partition: ['id'] } } },
      /tables\.order: .* such as the_order, got order/,
    ],
    [
      'for a field name that is a word of SQL',
      { record: { ...record, case: text('x').pii('none') } },
      /such as the_case/,
    ],
    ['for no key', { record: { name: record.name } }, /expected one field with \.key\(\), got 0/],
    ['for a nullable key', { record: { ...record, id: record.id.nullable() } }, /expected a key that is always there/],
    ['for a version that is no timestamp', { version: versionField('name') }, /version: expected a timestamp field/],
    [
      'for a quality rule over an unknown column',
      { quality: { rule_one: 'nam = 1' } },
      /unknown column nam; the record has id, name/,
    ],
    [
      'for a function that is not on the list',
      { quality: { rule_one: 'rand() < 1' } },
      /function rand\(\) is not on the list/,
    ],
    ['for the time of day', { quality: { rule_one: 'seen < current_timestamp' } }, /unknown column current_timestamp/],
    ['for unreadable SQL', { quality: { rule_one: 'name = `x`' } }, /unreadable at "`x`"/],
    ['for no tables', { tables: {} }, /tables: expected at least one table/],
    [
      'for a table name that Keyspaces refuses',
      { tables: { Bad: { partition: ['id'] } } },
      /tables\.Bad: expected a name/,
    ],
    ['for an unknown key of a table', table({ ttl: 1 }), /only the keys partition, .*, got ttl/],
    [
      'for a column computed from an unknown field',
      table({ columns: { upper_name: text('upper(nme)') } }),
      /unknown column nme/,
    ],
    [
      'for a computed column named like a field',
      table({ columns: { name: text('upper(name)') } }),
      /a name that no field of the record has/,
    ],
    [
      'for a time to keep that is not in days',
      { keep: { ...good.keep, tables: '12h' } },
      /keep\.tables: expected whole days/,
    ],
  ])('%s', (_, changes, message) => {
    expect(() => definePipeline({ ...good, ...changes } as Definition)).toThrow(message);
  });

  it('for a table name that another pipeline has', () => {
    const other = { ...good, name: 'other-one' };
    expect(() => checkTablesApart([good, other])).toThrow(
      /other-one: tables\.good_rows: expected a table name used once, got one that good-one has/,
    );
  });
});

describe("A record's type", () => {
  it('follows from its definition', () => {
    expectTypeOf<RecordOf<{ record: typeof record }>>().toEqualTypeOf<{
      readonly id: string;
      readonly name: string;
      readonly seen: number;
      readonly note: string | null;
    }>();
    const later = {
      price: decimal('x', 5, 2),
      tags: list(text('x')).nullable(),
      colour: oneOf('x', ['green', 'yellow']).default('green'),
    };
    expectTypeOf<RecordOf<{ record: typeof later }>>().toEqualTypeOf<{
      readonly price: string;
      readonly tags: readonly string[] | null;
      readonly colour: 'green' | 'yellow';
    }>();
    expectTypeOf<RecordOf<typeof randomUsers>['street_number']>().toEqualTypeOf<number>();
  });
});
