import { describe, expect, it } from 'vitest';
import { prepare } from '../../../functions/prepare/prepare.ts';
import { type Definition, definePipeline, http } from '../../../streaming/definition.ts';
import { text, uuid } from '../../../streaming/fields.ts';
import { emptyStores } from './fakes.ts';

const people = definePipeline({
  name: 'people',
  schedule: { every: '1m', records: 10 },
  source: http({ url: 'https://example.org', query: () => ({}), records: 'results', maxPage: 10 }),
  record: { id: uuid('id').key().pii('quasi'), name: text('name').pii('direct') },
  tables: { people: { partition: ['id'], columns: { upper_name: text('upper(name)') } } },
  keep: { landing: '7d', topic: '7d', tables: '365d' },
});

const withRecord = (more: Definition['record']): Definition => ({ ...people, record: { ...people.record, ...more } });

const peopleTable = () =>
  new Map([
    ['id', 'uuid'],
    ['name', 'text'],
    ['upper_name', 'text'],
  ]);

describe('prepare', () => {
  it('makes everything of an empty platform', async () => {
    const { ports, log } = emptyStores();
    expect(await prepare([people], ports)).toEqual({
      migrations: ['001'],
      landingDays: Array.from({ length: 8 }, (_, day) => `day ${day}`),
      pipelines: [
        {
          pipeline: 'people',
          created: ['pipeline', 'people.v1', 'people.v1.audit'],
          schema: 1,
          schemaVersions: 1,
          tables: ['people'],
          columns: [],
        },
      ],
    });
    expect(log.at(-1)).toBe('file manifest.json');
  });

  it('gives rights when everything is there, and before a reader finds the manifest', async () => {
    const { ports, log } = emptyStores();
    await prepare([people], ports);
    expect(log.slice(-4)).toEqual([
      'rights on landing',
      'rights on topics of people',
      'rights on tables',
      'file manifest.json',
    ]);
  });

  it('starts a pipeline at the instant that has just passed', async () => {
    const { ports, log } = emptyStores();
    await prepare([people], ports);
    expect(log).toContain('pipeline people from 2026-11-24T17:00:00.000Z');
  });

  it('gives the audit topic one partition and twice the message size', async () => {
    const { ports, log } = emptyStores();
    await prepare([people], ports);
    expect(log).toContain('topic people.v1 3 8000000');
    expect(log).toContain('topic people.v1.audit 1 16000000');
  });

  it('creates nothing the second time', async () => {
    const { ports, columns } = emptyStores();
    await prepare([people], ports);
    columns.set('people', peopleTable());
    expect(await prepare([people], ports)).toMatchObject({
      migrations: [],
      landingDays: [],
      pipelines: [{ created: [], schema: 1, tables: [], columns: [] }],
    });
  });

  it('adds a column that the definition gained', async () => {
    const { ports, columns, log } = emptyStores();
    await prepare([people], ports);
    columns.set('people', peopleTable());
    const gained = withRecord({ city: text('city').nullable().pii('quasi') });
    expect(await prepare([gained], ports)).toMatchObject({
      pipelines: [{ columns: ['people.city'], schemaVersions: 2 }],
    });
    expect(log).toContain('ALTER TABLE millrace.people ADD city text');
  });

  it('lays every version of the schema beside the manifest', async () => {
    const { ports, files } = emptyStores();
    await prepare([people], ports);
    await prepare([withRecord({ city: text('city').nullable().pii('quasi') })], ports);
    expect([...files.keys()].sort()).toEqual(['manifest.json', 'schemas/1.avsc', 'schemas/2.avsc']);
    expect(JSON.parse(files.get('schemas/2.avsc') ?? '')).toMatchObject({ name: 'People' });
  });

  it('refuses a schema that an earlier version contradicts, before it registers it', async () => {
    const { ports, schemas } = emptyStores();
    await prepare([people], ports);
    const broken = prepare([withRecord({ city: text('city').pii('quasi') })], ports);
    await expect(broken).rejects.toMatchObject({ code: 'schema_incompatible', at: 'topic' });
    expect(schemas).toHaveLength(1);
  });

  it('refuses another key for a table that has been made, and changes no table', async () => {
    const { ports, log } = emptyStores();
    await prepare([people], ports);
    const before = log.filter((entry) => entry.startsWith('CREATE TABLE')).length;
    const changed: Definition = {
      ...people,
      tables: { people: { ...people.tables.people, partition: ['name', 'id'] } },
    };
    await expect(prepare([changed], ports)).rejects.toMatchObject({
      code: 'column_changed',
      message: expect.stringMatching(/table people: .*got \(name, id\); .*another name/),
    });
    expect(log.filter((entry) => entry.startsWith('CREATE TABLE'))).toHaveLength(before);
  });

  it('refuses another expression for a column that has been filled, and changes no table', async () => {
    const { ports, log } = emptyStores();
    await prepare([people], ports);
    const statements = () => log.filter((entry) => entry.startsWith('ALTER') || entry.startsWith('CREATE TABLE'));
    const before = statements().length;
    const changed = {
      ...people,
      tables: { people: { partition: ['id'], columns: { upper_name: text('lower(name)') } } },
    };
    await expect(prepare([changed], ports)).rejects.toMatchObject({
      code: 'column_changed',
      message: expect.stringMatching(/people\.upper_name.*lower\(name\).*another name/),
    });
    expect(statements()).toHaveLength(before);
  });

  it('refuses a table whose column has another type', async () => {
    const { ports, columns } = emptyStores();
    columns.set('people', peopleTable().set('name', 'int'));
    await expect(prepare([people], ports)).rejects.toThrow(/people\.name: expected type int .* got text/);
  });
});
