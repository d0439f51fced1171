import { describe, expect, it } from 'vitest';
import { guesses } from '../../../../local/scaffold/decide/guesses.ts';
import { propose, type Said } from '../../../../local/scaffold/proposal.ts';
import { identifierOf, nameProblem, tableNamesOf } from '../../../../local/scaffold/write/identifiers.ts';
import { withPipeline } from '../../../../local/scaffold/write/index-entry.ts';
import { pipelineCode } from '../../../../local/scaffold/write/pipeline-code.ts';
import { recordedOf } from '../../../../local/scaffold/write/recorded.ts';
import { sampleCode } from '../../../../local/scaffold/write/sample-code.ts';

const now = new Date('2026-11-27T16:00:00Z');
const said: Said = { every: '1m', text: [], skip: [], url: 'https://a.example/things' };
const proposed = (json: unknown, change: Partial<Said> = {}) =>
  propose('things', { from: 'things.json', address: undefined, json }, { ...said, ...change }, guesses);
const codeOf = async (json: unknown, change: Partial<Said> = {}) => pipelineCode(await proposed(json, change), now);

describe('A name', () => {
  it.each(['bike-stations', 'a', 'b2b', 'x'.repeat(40)])('%s is legal', (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  it.each([
    ['Bike Stations', /such as bike-stations\), got Bike Stations/],
    ['bike_stations', /such as bike-stations/],
    ['2bikes', /such as bikes/],
    ['../bikes', /such as bikes/],
    ['-', /at most 40 characters, got -/],
    ['x'.repeat(41), /at most 40 characters/],
  ])('%s is illegal', (name, message) => {
    expect(nameProblem(name)).toMatch(message);
  });

  it.each([
    ['bike-stations', 'bikeStations'],
    ['http', 'httpPipeline'],
    ['text', 'textPipeline'],
    ['new', 'newPipeline'],
  ])('%s is exported as %s', (name, identifier) => {
    expect(identifierOf(name)).toBe(identifier);
  });

  it.each([
    ['bike-stations', 'bike_stations'],
    ['table', 'table_records'],
    ['x', 'x_records'],
  ])('%s has the table %s', (name, table) => {
    expect(tableNamesOf(name).byKey).toBe(table);
  });
});

describe('The index', () => {
  it.each([
    ['one line', 'export const pipelines: readonly Definition[] = [randomUsers];', '[randomUsers, things]'],
    ['many lines', 'export const pipelines: readonly Definition[] = [\n  a,\n  b,\n];', '[a, b, things]'],
    ['an empty list', 'export const pipelines: readonly Definition[] = [];', '[things]'],
  ])('takes one more into %s', (_what, before, list) => {
    const after = withPipeline(before, 'things', 'things');
    expect(after).toBe(
      `import { things } from './things/pipeline.ts';\nexport const pipelines: readonly Definition[] = ${list};`,
    );
  });

  it('that has no list is refused', () => {
    expect(() => withPipeline('nothing', 'things', 'things')).toThrow(/expected a list .*put it back/);
  });
});

describe('The definition', () => {
  it.each([
    ['a key', { id: 'a' }, "id: text('id').max(256).key().pii('none'),"],
    ['a long key', { id: 'x'.repeat(200) }, "id: text('id').max(512).key().pii('none'),"],
    ['a long text', { id: 1, text: 'x'.repeat(5000) }, "text: text('text').max(16384).pii('none'),"],
    ['seconds', { id: 1, seen: 1795790929 }, "seen: timestamp('seen', { unit: 's' }).pii('none'),"],
    ['a list', { id: 1, tags: ['a'] }, "tags: list(text('tags')).pii('none'),"],
    ['a path with a quote', { id: 1, "a'b": 1 }, "a_b: int('a\\'b').pii('none'),"],
    ['an e-mail address', { id: 1, email: 'a@example.com' }, "email: text('email').pii('direct'),"],
  ])('holds %s', async (_what, record, line) => {
    expect(await codeOf([record])).toContain(line);
  });

  it('says where null was seen', async () => {
    const code = await codeOf([
      { id: 1, bikes: null },
      { id: 2, bikes: 3 },
    ]);
    expect(code).toContain("bikes: int('bikes').nullable().pii('none'), // absent or null in 1 of 2");
  });

  it.each([
    [
      'the version and the day of a time that changes',
      {},
      "version: versionField('updated'),",
      /columns: \{ day: dayOf\('updated'\) \}/,
    ],
    [
      'immutable records by a time that never changes',
      { time: 'created' },
      "records: 'immutable', // created never changes for one key",
      /dayOf\('created'\)/,
    ],
  ])('has %s', async (_what, change, line, table) => {
    const code = await codeOf([{ id: 1, updated: '2026-11-27T15:00:00Z', created: '2020-01-01T00:00:00Z' }], change);
    expect(code).toContain(line);
    expect(code).toMatch(table);
  });

  it('has one table without a time, and no version', async () => {
    const code = await codeOf([{ id: 1 }]);
    expect(code).not.toMatch(/version|by_day|dayOf|desc/);
  });

  it('has another name for the bucket where day is a field', async () => {
    const code = await codeOf([{ id: 1, day: 'Mon', updated: '2026-11-27T15:00:00Z' }]);
    expect(code).toContain("columns: { day_of_updated: dayOf('updated') }");
  });

  it.each([
    ['whole', 'https://a.example/things', 'query: () => ({}),', "paging: 'whole'"],
    [
      'page by page',
      'https://a.example/?page=1&limit=50',
      'query: ({ page, size }) => ({ page, limit: size }),',
      'maxPage: 50',
    ],
    [
      'by offset',
      'https://a.example/?page[offset]=0&offset=0',
      'query: ({ page, size }) => ({ offset: (page - 1) * size }),',
      'maxPage: 1,',
    ],
  ])('asks %s', async (_what, url, query, more) => {
    const code = await codeOf([{ id: 1 }], { url });
    expect(code).toContain(query);
    expect(code).toContain(more);
  });

  it('names what it leaves out, and no name ends its comment', async () => {
    const code = await codeOf([{ id: 1, 'x*/y': [{ a: 1 }] }]);
    expect(code).toContain(' *   x* /y: a list of objects\n');
  });
});

describe('The sample', () => {
  const changing = { id: 1, updated: '2026-11-27T15:00:00Z' };
  const fixed = { id: 1, created: '2026-11-27T15:00:00Z' };
  const paged = { url: 'https://a.example/?limit=50' };
  it.each([
    ['whole, with a time that changes', changing, {}, "{ time: 'updated' }"],
    ['whole, with a time that never changes', fixed, {}, '{  }'],
    ['page by page, with a time that changes', changing, paged, "{ key: 'id', time: 'updated' }"],
    ['page by page, with a time that never changes', fixed, paged, "{ key: 'id', time: 'created' }"],
    ['page by page, without a time', { id: 1 }, paged, "{ key: 'id' }"],
  ])('of a source that answers %s is fresh in %s', async (_what, record, change, fresh) => {
    expect(sampleCode(await proposed([record], change))).toContain(`replayOf(recorded, ${fresh})`);
  });
});

describe('What is kept of the answer', () => {
  const recorded = async (...records: readonly object[]) => recordedOf(await proposed(records));

  it('is what the definition names, in the shape of the source', async () => {
    const record = { id: 1, place: { lat: 1.5, rings: [[1]] }, password: 'hush', list: [{ a: 1 }] };
    expect(await recorded(record, { id: 2, place: null })).toEqual([{ id: 1, place: { lat: 1.5 } }, { id: 2 }]);
  });

  it('is at most two hundred records', async () => {
    const many = Array.from({ length: 300 }, (_, id) => ({ id }));
    expect(await recorded(...many)).toHaveLength(200);
  });

  it('has made up what names a person, each another and of the same type', async () => {
    const person = {
      email: 'ann@example.org',
      name: { first: 'Ann' },
      dob: '1993-02-19T02:33:43Z',
      birth: 730089223,
      mobile: 5551234,
    };
    const [first, second] = (await recorded({ id: 1, ...person }, { id: 2, ...person })) as [
      typeof person,
      typeof person,
    ];
    expect(first).toMatchObject({ id: 1, email: 'person-1@example.com', name: { first: 'name first 1' }, mobile: 1 });
    expect(second).toMatchObject({ id: 2, email: 'person-2@example.com', dob: '2001-01-02T00:00:00.000Z' });
    expect(JSON.stringify([first, second])).not.toMatch(/ann@|Ann|1993|730089223|5551234/);
  });
});
