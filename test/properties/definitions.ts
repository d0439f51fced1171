import fc from 'fast-check';
import { type Definition, definePipeline, http } from '../../streaming/definition.ts';
import {
  boolean,
  double,
  type Field,
  type FieldType,
  int,
  long,
  text,
  timestamp,
  uuid,
} from '../../streaming/fields.ts';

const makers: Readonly<Record<FieldType, (from: string) => Field>> = {
  uuid,
  text,
  int,
  long,
  double,
  boolean,
  timestamp,
};

/** Some of them name what every object inherits, so that looking there would show. */
const paths = ['top', 'a.one', 'a.two', 'a.deep.er', 'b.one', 'constructor.name', 'toString', 'list.0'];

const field = fc.record({
  path: fc.constantFrom(...paths),
  type: fc.constantFrom<FieldType>('uuid', 'text', 'int', 'long', 'double', 'boolean', 'timestamp'),
  nullable: fc.boolean(),
});

/** Any definition whose record has a key and fields of all types, each at a path of its own. */
export const anyPipeline: fc.Arbitrary<Definition> = fc
  .tuple(
    fc.constantFrom<'uuid' | 'text'>('uuid', 'text'),
    fc.uniqueArray(field, { selector: ({ path }) => path, minLength: 1 }),
  )
  .map(([keyType, fields]) => pipelineOf({ id: makers[keyType]('id').key().pii('none') }, fields));

function pipelineOf(
  key: Definition['record'],
  fields: readonly { path: string; type: FieldType; nullable: boolean }[],
) {
  const others = fields.map(({ path, type, nullable }, index) => {
    const made = makers[type](path).pii('none');
    return [`field_${index}`, nullable ? made.nullable() : made] as const;
  });
  return definePipeline({
    name: 'any-thing',
    schedule: { every: '1m', records: 10 },
    source: http({ url: 'https://example.org', query: () => ({}), records: 'results', maxPage: 10 }),
    record: { ...key, ...Object.fromEntries(others) },
    tables: { things: { partition: ['id'] } },
    keep: { landing: '7d', topic: '7d', tables: '365d' },
  });
}

const time = { min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true };

/** What a record of the pipeline may hold in a field of each type. */
export const valuesOf: Readonly<Record<FieldType, fc.Arbitrary<string | number | boolean>>> = {
  uuid: fc.uuid(),
  text: fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', minLength: 2000, maxLength: 6000 })),
  int: fc.integer(),
  // As far as avsc writes them exactly.
  long: fc.integer({ min: -(2 ** 52), max: 2 ** 53 - 2 }),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  boolean: fc.boolean(),
  timestamp: fc.date(time).map((date) => date.getTime()),
};

/** Any record that a pipeline's Avro type holds. */
export function anyRecordOf(pipeline: Definition): fc.Arbitrary<Record<string, string | number | boolean | null>> {
  return fc.record(
    Object.fromEntries(
      Object.entries(pipeline.record).map(([name, { type, isNullable }]) => [
        name,
        isNullable ? fc.option(valuesOf[type]) : valuesOf[type],
      ]),
    ),
  );
}
