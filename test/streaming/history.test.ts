import { describe, expect, it } from 'vitest';
import type { Definition } from '../../streaming/definition.ts';
import { definePipeline, http } from '../../streaming/definition.ts';
import { dayOf, desc, int, text, timestamp } from '../../streaming/fields.ts';
import { brokenPromises, gains, historyWith, noHistory } from '../../streaming/history.ts';

const trams = definePipeline({
  name: 'trams',
  schedule: { every: '1m', records: 10 },
  source: http({ url: 'https://example.com/trams', query: () => ({}), records: 'trams', maxPage: 10 }),
  record: {
    id: text('id').key().pii('none'),
    line: int('line').pii('none'),
    note: text('note').nullable().pii('none'),
    seen: timestamp('seen').pii('none'),
  },
  tables: {
    trams: { partition: ['id'], columns: { label: text("concat_ws(' ', line, id)") } },
    by_day: {
      partition: ['day'],
      cluster: [desc('seen'), 'id'],
      records: 'immutable',
      columns: { day: dayOf('seen') },
    },
  },
  keep: { landing: '7d', topic: '7d', tables: '30d' },
}) as Definition;

const kept = historyWith(trams, noHistory);
const { line, ...withoutLine } = trams.record;
const { note, ...withoutNote } = trams.record;
const { trams: byId, by_day: byDay } = trams.tables as Record<'trams' | 'by_day', Definition['tables'][string]>;

const with_ = (record: object, tables: object = {}): Definition =>
  ({ ...trams, record: { ...trams.record, ...record }, tables: { ...trams.tables, ...tables } }) as Definition;

describe('A definition keeps its promises', () => {
  it.each([
    ['when nothing changes', trams],
    ['when a nullable field comes', with_({ colour: text('colour').nullable().pii('none') })],
    ['when a field with a default comes', with_({ doors: int('doors').default(2).pii('none') })],
    ['when a nullable field goes', { ...trams, record: withoutNote }],
    ['when a column comes', with_({}, { trams: { ...byId, columns: { ...byId.columns, loud: text('upper(id)') } } })],
    ['when a column goes', with_({}, { trams: { partition: ['id'] } })],
    ['when a table comes', with_({}, { again: { partition: ['id'] } })],
    ['when a table goes', { ...trams, tables: { trams: byId } }],
  ])('%s', (_what, changed) => {
    expect(brokenPromises(changed, kept)).toEqual([]);
  });
});

describe('A definition breaks its promises', () => {
  const otherLabel = { trams: { ...byId, columns: { label: text("concat_ws('-', line, id)") } } };
  it.each([
    [
      'when a field comes that old records lack',
      with_({ doors: int('doors').pii('none') }),
      /record: .*version 1.*nullable or have a default/,
    ],
    [
      'when a field goes that old readers need',
      { ...trams, record: withoutLine },
      /record: .*version 1.*nullable or have a default/,
    ],
    [
      'when a field changes its type',
      with_({ line: text('line').pii('none') }),
      /record: .*new field under another name/,
    ],
    [
      'when a column changes its expression',
      with_({}, otherLabel),
      /tables\.trams\.label: expected text concat_ws\(' ', line, id\), got .*another name/,
    ],
    [
      'when a field that is a column changes its type',
      with_({ line: text('line').pii('none') }),
      /tables\.trams\.line: expected int line, got text line/,
    ],
    [
      'when a key changes',
      with_({}, { trams: { ...byId, partition: ['line', 'id'], records: 'immutable' } }),
      /tables\.trams: expected the key \(id\), got \(line, id\); .*another name/,
    ],
    [
      'when the order of a key changes',
      with_({}, { by_day: { ...byDay, cluster: ['seen', 'id'] } }),
      /tables\.by_day: expected the key \(day\), seen DESC, id, got \(day\), seen, id/,
    ],
  ])('%s', (_what, changed, problem) => {
    expect(brokenPromises(changed as Definition, kept)).toContainEqual(expect.stringMatching(problem));
  });
});

it('A name that a definition gave up keeps its meaning: it may come back, but only with the old expression', () => {
  const gone = historyWith(with_({}, { trams: { partition: ['id'] } }), kept);
  expect(brokenPromises(trams, gone)).toEqual([]);
  const other = with_({}, { trams: { partition: ['id'], columns: { label: text('upper(id)') } } });
  expect(brokenPromises(other, gone)).toHaveLength(1);
});

it('A schema that is two versions old still binds', () => {
  const second = historyWith(with_({ colour: text('colour').nullable().pii('none') }), kept);
  const third = historyWith(with_({ doors: int('doors').default(2).pii('none') }), second);
  expect(third.schemas).toHaveLength(3);
  const clash = with_({ colour: int('colour').nullable().pii('none') });
  expect(brokenPromises(clash, third)).toContainEqual(expect.stringMatching(/record: .*version 2/));
});

describe('What a definition has gained', () => {
  it.each([
    ['everything when nothing is kept', trams, noHistory, ['version 1 of its schema', 'table trams', 'table by_day']],
    ['nothing when nothing changed', trams, kept, []],
    [
      'a schema and a column for a new field',
      with_({ colour: text('colour').nullable().pii('none') }),
      kept,
      ['version 2 of its schema', 'column trams.colour', 'column by_day.colour'],
    ],
    [
      'a column for an expression',
      with_({}, { trams: { ...byId, columns: { ...byId.columns, loud: text('upper(id)') } } }),
      kept,
      ['column trams.loud'],
    ],
    ['nothing but a schema when a field goes', { ...trams, record: withoutNote }, kept, ['version 2 of its schema']],
  ])('%s', (_what, definition, history, gained) => {
    expect(gains(definition, history)).toEqual(gained);
  });
});
