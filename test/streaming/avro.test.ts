import { describe, expect, it } from 'vitest';
import { avroSchemaOf, codecOf, incompatibility } from '../../streaming/avro.ts';
import { type Definition, definePipeline, http } from '../../streaming/definition.ts';
import { decimal, type Field, int, list, oneOf, text } from '../../streaming/fields.ts';

const schemaWith = (fields: Record<string, Field>) => avroSchemaOf(pipelineWith(fields));

function pipelineWith(fields: Record<string, Field>): Definition {
  return definePipeline({
    name: 'things',
    schedule: { every: '1m', records: 10 },
    source: http({ url: 'https://example.org', query: () => ({}), records: 'results', maxPage: 10 }),
    record: {
      id: text('id').key().pii('none'),
      ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.pii('none')])),
    },
    tables: { things: { partition: ['id'] } },
    keep: { landing: '7d', topic: '7d', tables: '30d' },
  });
}

const first = schemaWith({});

describe('A schema may follow, each reading what the other wrote,', () => {
  it.each<[string, Record<string, Field>, Record<string, Field>]>([
    ['with a field more that may be null', {}, { note: text('x').nullable() }],
    ['with a field more that has a default', {}, { stars: int('x').default(0) }],
    ['with a decimal more that has a default', {}, { price: decimal('x', 5, 2).default('0.00') }],
    ['with a list more that has a default', {}, { tags: list(decimal('x', 5, 2)).default(['1.00']) }],
    ['with a text more in a closed set', { colour: oneOf('x', ['a']) }, { colour: oneOf('x', ['a', 'b']) }],
    ['with another default', { stars: int('x').default(0) }, { stars: int('x').default(1) }],
    ['with the same decimal', { price: decimal('x', 5, 2) }, { price: decimal('y', 5, 2) }],
  ])('%s', (_, before, after) => {
    expect(incompatibility(schemaWith(before), schemaWith(after))).toBeUndefined();
    expect(incompatibility(schemaWith(after), schemaWith(before))).toBeUndefined();
  });
});

describe('A schema may not follow', () => {
  it.each<[string, Record<string, Field>, Record<string, Field>]>([
    ['with a field more that nobody wrote', {}, { stars: int('x') }],
    ['with a decimal of another scale', { price: decimal('x', 5, 2) }, { price: decimal('x', 5, 3) }],
    ['with a decimal of more digits', { price: decimal('x', 5, 2) }, { price: decimal('x', 6, 2) }],
    [
      'with a nullable decimal of another scale',
      { price: decimal('x', 5, 2).nullable() },
      { price: decimal('x', 5, 3).nullable() },
    ],
    ['with a list of something else', { tags: list(text('x')) }, { tags: list(int('x')) }],
    ['with a list of another decimal', { prices: list(decimal('x', 5, 2)) }, { prices: list(decimal('x', 5, 3)) }],
    ['with a list where there was one', { tag: text('x') }, { tag: list(text('x')) }],
    ['with a decimal where there was a text', { price: text('x') }, { price: decimal('x', 5, 2) }],
  ])('%s', (_, before, after) => {
    expect(incompatibility(schemaWith(before), schemaWith(after))).toBeDefined();
  });
});

it('A decimal that may not follow another is said with both', () => {
  const [before, after] = [decimal('x', 5, 2), decimal('x', 6, 2)].map((price) => schemaWith({ price }));
  expect(incompatibility(before ?? {}, after ?? {})).toBe('cannot read decimal(5, 2) as decimal(6, 2)');
});

describe('A record of an older schema', () => {
  const next = schemaWith({
    price: decimal('x', 5, 2).default('5.11'),
    tags: list(decimal('x', 5, 2)).default(['-1.28']),
    stars: int('x').default(3),
    note: text('x').nullable(),
  });
  const defaults = { id: 'k', price: '5.11', tags: ['-1.28'], stars: 3, note: null };

  it('is read with the defaults of the newer one', () => {
    const [reader, writer] = [codecOf(next), codecOf(first)];
    const read = reader.fromBuffer(writer.toBuffer({ id: 'k' }), reader.createResolver(writer));
    expect({ ...read }).toEqual(defaults);
  });

  it('is written under the newer one with its defaults, as when it landed before them', () => {
    const type = codecOf(next);
    expect({ ...type.fromBuffer(type.toBuffer({ id: 'k' })) }).toEqual(defaults);
  });
});

describe('A codec refuses', () => {
  const type = codecOf(schemaWith({ price: decimal('x', 5, 2) }));
  it.each([
    ['a number', 5.7],
    ['a digit too few', '5.7'],
    ['a digit too many', '5.700'],
    ['more digits than the precision', '1000.00'],
    ['zero with a sign', '-0.00'],
    ['a word', 'five'],
    ['nothing', null],
  ])('a decimal that is %s', (_, price) => {
    expect(type.isValid({ id: 'k', price })).toBe(false);
    expect(() => type.toBuffer({ id: 'k', price })).toThrow();
  });
});
