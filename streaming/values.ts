import { decimalText } from './decimal.ts';
import type { RecordValue, Scalar } from './definition.ts';
import { type Field, type FieldType, mostElements } from './fields.ts';

/** Why a source's value cannot become a field's value. */
export type Refusal =
  | 'missing'
  | 'missing_key'
  | 'wrong_type'
  | 'bad_uuid'
  | 'bad_timestamp'
  | 'bad_text'
  | 'not_allowed'
  | 'too_long'
  | 'out_of_range';

type Converted<V> = { readonly ok: true; readonly value: V } | { readonly ok: false; readonly reason: Refusal };

const yes = <V>(value: V): Converted<V> => ({ ok: true, value });
const no = (reason: Refusal): Converted<never> => ({ ok: false, reason });

type ScalarType = Exclude<FieldType, 'list'>;

const converters: Readonly<Record<ScalarType, (value: unknown, field: Field) => Converted<Scalar>>> = {
  uuid: (value) => {
    if (typeof value !== 'string') return no('wrong_type');
    return uuidPattern.test(value) ? yes(value.toLowerCase()) : no('bad_uuid');
  },
  text: (value, field) => {
    if (typeof value === 'number' && Number.isFinite(value)) return checkedText(String(value), field);
    return typeof value === 'string' ? checkedText(value, field) : no('wrong_type');
  },
  int: (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return no('wrong_type');
    return value >= -(2 ** 31) && value < 2 ** 31 ? yes(value) : no('out_of_range');
  },
  long: (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return no('wrong_type');
    return value >= firstLong && value <= lastLong ? yes(value) : no('out_of_range');
  },
  double: (value) => (typeof value === 'number' && Number.isFinite(value) ? yes(value) : no('wrong_type')),
  boolean: (value) => (typeof value === 'boolean' ? yes(value) : no('wrong_type')),
  timestamp: (value, { unit }) => {
    // Seconds may have a fraction, of which a record keeps the milliseconds.
    if (typeof value === 'number') return checkedTime(unit === 's' ? Math.round(value * 1000) : value);
    return typeof value === 'string' ? checkedTime(parseInstant(value)) : no('wrong_type');
  },
  decimal: (value, { precision = 0, scale = 0 }) => {
    if (typeof value !== 'string' && !Number.isFinite(value)) return no('wrong_type');
    const said = decimalText(String(value), precision, scale);
    if (said === undefined) return no('wrong_type');
    return said === null ? no('out_of_range') : yes(said);
  },
};

/** Turns a value that is there into the field's value, or says why it cannot. */
export function convert(field: Field, value: unknown): Converted<RecordValue> {
  return field.type === 'list' ? convertedList(field, value) : converters[field.type](value, field);
}

function convertedList({ element, split }: Field, value: unknown): Converted<RecordValue> {
  const said =
    split !== undefined && typeof value === 'string' ? value.split(split).filter((part) => part !== '') : value;
  if (!Array.isArray(said) || element === undefined || element.type === 'list') return no('wrong_type');
  if (said.length > mostElements) return no('too_long');
  const elements: Scalar[] = [];
  for (const one of said) {
    const converted = converters[element.type](one, element);
    if (!converted.ok) return converted;
    elements.push(converted.value);
  }
  return yes(elements);
}

/** What avsc writes exactly: twice the number, and one less than that when it is negative, must fit a double. */
const firstLong = -(2 ** 52);
const lastLong = 2 ** 53 - 2;

const uuidPattern = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

function checkedText(value: string, field: Field): Converted<string> {
  if (field.isKey && value === '') return no('missing_key');
  // A UTF-16 unit takes three bytes at most, so that most texts need no count.
  if (value.length * 3 > field.maxBytes && Buffer.byteLength(value) > field.maxBytes) return no('too_long');
  // PostgreSQL's jsonb refuses NUL and half surrogate pairs: one such text would fail a whole page.
  if (value.includes('\0') || !value.isWellFormed()) return no('bad_text');
  return field.values?.includes(value) === false ? no('not_allowed') : yes(value);
}

const instantPattern = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** ISO 8601 with a zone. A day that its month does not have is refused: `Date.parse` would move it to the next month. */
function parseInstant(value: string): number {
  const [, year, month, day] = instantPattern.exec(value)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return Number.NaN;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && day >= 1 && day <= lastDay ? Date.parse(value) : Number.NaN;
}

/** Years 1 to 9999: beyond them Spark's and Cassandra's texts and buckets no longer sort. */
const firstMs = Date.parse('0001-01-01T00:00:00Z');
const lastMs = Date.parse('9999-12-31T23:59:59.999Z');

function checkedTime(ms: number): Converted<number> {
  if (!Number.isInteger(ms)) return no('bad_timestamp');
  return ms >= firstMs && ms <= lastMs ? yes(ms) : no('out_of_range');
}
