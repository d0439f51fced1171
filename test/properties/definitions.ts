import fc from 'fast-check';
import { type Definition, definePipeline, http, type RecordValue, type Scalar } from '../../streaming/definition.ts';
import {
  boolean,
  decimal,
  double,
  type Field,
  type FieldType,
  int,
  list,
  long,
  oneOf,
  text,
  timestamp,
  uuid,
} from '../../streaming/fields.ts';

const scalars: Readonly<Record<string, (from: string) => Field>> = {
  uuid,
  text,
  int,
  long,
  double,
  boolean,
  timestamp,
  seconds: (from) => timestamp(from, { unit: 's' }),
  colour: (from) => oneOf(from, ['green', 'yellow']),
  price: (from) => decimal(from, 9, 2),
  whole: (from) => decimal(from, 38, 0),
  tiny: (from) => decimal(from, 30, 30),
};

/** Some of them name what every object inherits, so that looking there would show. */
const paths = ['top', 'a.one', 'a.two', 'a.deep.er', 'b.one', 'constructor.name', 'toString', 'list.0'];

const field: fc.Arbitrary<Field> = fc
  .record({
    path: fc.constantFrom(...paths),
    make: fc.constantFrom(...Object.values(scalars)),
    isList: fc.boolean(),
    absent: fc.constantFrom('refused', 'null', 'default'),
  })
  .chain(({ path, make, isList, absent }) => {
    const made = (isList ? list(make(path)) : make(path)).pii('none');
    if (absent === 'default')
      return valueIn(made)
        .filter(isLegal)
        .map((value) => made.default(value));
    return fc.constant(absent === 'null' ? made.nullable() : made);
  });

/** Records are made with texts too long for a definition, or with NUL; a default is refused then. */
const isLegal = (value: RecordValue) => !/\\u0000|.{1000}/s.test(JSON.stringify(value));

/** Any definition whose record has a key and fields of all types, each at a path of its own. */
export const anyPipeline: fc.Arbitrary<Definition> = fc
  .tuple(fc.constantFrom(uuid, text), fc.uniqueArray(field, { selector: ({ from }) => from, minLength: 1 }))
  .map(([key, fields]) => pipelineOf({ id: key('id').key().pii('none') }, fields));

function pipelineOf(key: Definition['record'], fields: readonly Field[]) {
  return definePipeline({
    name: 'any-thing',
    schedule: { every: '1m', records: 10 },
    source: http({ url: 'https://example.org', query: () => ({}), records: 'results', maxPage: 10 }),
    record: { ...key, ...Object.fromEntries(fields.map((one, index) => [`field_${index}`, one])) },
    tables: { things: { partition: ['id'] } },
    keep: { landing: '7d', topic: '7d', tables: '365d' },
  });
}

const time = { min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true };

const scalarOf: Readonly<Record<Exclude<FieldType, 'list'>, (field: Field) => fc.Arbitrary<Scalar>>> = {
  uuid: () => fc.uuid(),
  text: ({ values }) =>
    values === undefined
      ? fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', minLength: 2000, maxLength: 6000 }))
      : fc.constantFrom(...values),
  int: () => fc.integer(),
  // As far as avsc writes them exactly.
  long: () => fc.integer({ min: -(2 ** 52), max: 2 ** 53 - 2 }),
  double: () => fc.double({ noNaN: true, noDefaultInfinity: true }),
  boolean: () => fc.boolean(),
  timestamp: () => fc.date(time).map((date) => date.getTime()),
  decimal: ({ precision = 0, scale = 0 }) => {
    const limit = 10n ** BigInt(precision) - 1n;
    return fc.bigInt({ min: -limit, max: limit }).map((unscaled) => pointed(unscaled, scale));
  },
};

function pointed(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const [whole, fraction] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale)];
  return `${unscaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${fraction}`}`;
}

/** What a record of the pipeline may hold in a field that is there. */
export function valueIn(field: Field): fc.Arbitrary<Exclude<RecordValue, null>> {
  return field.element ? fc.array(scalarIn(field.element), { maxLength: 5 }) : scalarIn(field);
}

export const scalarIn = (field: Field): fc.Arbitrary<Scalar> =>
  scalarOf[field.type as Exclude<FieldType, 'list'>](field);

/** Any record that a pipeline's Avro type holds. */
export function anyRecordOf(pipeline: Definition): fc.Arbitrary<Record<string, RecordValue>> {
  return fc.record(
    Object.fromEntries(
      Object.entries(pipeline.record).map(([name, field]) => [
        name,
        field.isNullable ? fc.option(valueIn(field)) : valueIn(field),
      ]),
    ),
  );
}
