import { describe, expect, it } from 'vitest';
import { type Definition, definePipeline } from '../../streaming/definition.ts';
import { double, monthOf, text, timestamp, uuid } from '../../streaming/fields.ts';

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
const table = (changes: object) => ({ tables: { good_rows: { partition: ['id'], ...changes } } });
describe('A table is refused at load, saying what was expected and what was found,', () => {
  it.each<[string, object, RegExp]>([
    ['for a bucket of no timestamp', table({ columns: { month: monthOf('name') } }), /a bucket of a timestamp field/],
    [
      'for a partition key too long for Keyspaces',
      {
        record: { ...record, name: text('x').max(2048).pii('none') },
        ...table({ partition: ['id', 'name'], records: 'immutable' }),
      },
      /partition: expected at most 2048 bytes.* give name a \.max.*got 2064/,
    ],
    [
      'for clustering columns too long for Keyspaces',
      {
        record: { ...record, name: text('x').max(851).pii('none') },
        ...table({ cluster: ['name'], records: 'immutable' }),
      },
      /cluster: expected at most 850 bytes.*got 851/,
    ],
    ['for a key without column', table({ partition: ['idd'] }), /one of the table's columns, got idd/],
    [
      'for a key column that the table leaves out',
      table({ cluster: ['seen'], only: ['id'], records: 'immutable' }),
      /one of the table's columns, got seen/,
    ],
    ['for a key column twice', table({ cluster: ['id'] }), /every column once, got id twice/],
    ['for a key that may be null', table({ cluster: ['note'], records: 'immutable' }), /the nullable note/],
    [
      'for an expression in a key',
      table({ cluster: ['rank'], columns: { rank: double('1.0') } }),
      /fields and buckets/,
    ],
    ['for a key without the identity', table({ partition: ['name'], records: 'immutable' }), /the record's key id/],
    [
      'for a key that can change from version to version',
      table({ cluster: ['name'] }),
      /records: 'immutable' when name never changes/,
    ],
    [
      'for batches that Keyspaces refuses',
      table({ write: { grouping: 'none', rows: 47, concurrent: 1 } }),
      /1 to 25 \(Keyspaces/,
    ],
  ])('%s', (_, changes, message) => {
    expect(() => definePipeline({ ...good, ...changes } as Definition)).toThrow(message);
  });
});
