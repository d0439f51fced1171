import { avroTypeOf } from './avro.ts';
import type { Definition, PipelineRecord, RecordValue, Scalar } from './definition.ts';
import type { Field } from './fields.ts';
import { convert, type Refusal } from './values.ts';

export type Projected =
  | { readonly ok: true; readonly record: PipelineRecord }
  | {
      readonly ok: false;
      readonly reason: Refusal | 'not_an_object';
      readonly field: string | null;
      /** What the source said in the fields that the definition names; nothing else. */
      readonly payload: PipelineRecord;
    };

/**
 * Compiles a definition's allow-list: source record in, pipeline record or the reason for its refusal out.
 * Fields that the definition does not name are never looked at, so they cannot leave this function by any way.
 */
export function projectorOf(pipeline: Definition): (raw: unknown) => Projected {
  return projector(pipeline, ({ path }, raw) => valueAt(raw, path));
}

/** The same for the payload of a refused record, which holds what the source said under the names of the fields. */
export function reprojectorOf(pipeline: Definition): (payload: unknown) => Projected {
  return projector(pipeline, ({ name }, payload) => valueAt(payload, [name]));
}

/** The same for a record that was one before: in the fields of today's definition, which may have become more. */
export function relanderOf(pipeline: Definition): (record: unknown) => Projected {
  const columns = columnsOf(pipeline);
  const avroType = avroTypeOf(pipeline);
  return (record) => {
    const fields = columns.map(
      ({ name, field }) => [name, valueAt(record, [name]) ?? field.defaultValue ?? null] as const,
    );
    const landed = Object.fromEntries(fields) as PipelineRecord;
    if (avroType.isValid(landed)) return { ok: true, record: landed };
    return { ok: false, reason: 'wrong_type', field: null, payload: landed };
  };
}

function projector(pipeline: Definition, read: (column: Column, raw: unknown) => unknown): (raw: unknown) => Projected {
  const columns = columnsOf(pipeline);
  const avroType = avroTypeOf(pipeline);

  const refuse = (raw: unknown, { reason, field }: Mistake): Projected => {
    const kept = columns.map((column) => [column.name, evidence(column.field, read(column, raw))] as const);
    return { ok: false, reason, field, payload: Object.fromEntries(kept) };
  };

  return (raw) => {
    if (typeof raw !== 'object' || raw === null) return refuse({}, { reason: 'not_an_object', field: null });
    const record: Record<string, RecordValue> = {};
    for (const column of columns) {
      const mistake = project(column, read(column, raw), record);
      if (mistake) return refuse(raw, mistake);
    }
    // The relay encodes with this very type: what passes here cannot fail there.
    return avroType.isValid(record) ? { ok: true, record } : refuse(raw, { reason: 'wrong_type', field: null });
  };
}

interface Column {
  readonly name: string;
  readonly field: Field;
  readonly path: readonly string[];
}

interface Mistake {
  readonly reason: Refusal | 'not_an_object';
  readonly field: string | null;
}

const columnsOf = (pipeline: Definition): readonly Column[] =>
  Object.entries(pipeline.record).map(([name, field]) => ({ name, field, path: field.from.split('.') }));

/** Puts one field's value into the record; answers why it could not. */
function project({ name, field }: Column, value: unknown, record: Record<string, RecordValue>): Mistake | undefined {
  if (value === undefined || value === null) {
    if (field.isNullable || field.defaultValue !== undefined) {
      record[name] = (field.defaultValue as RecordValue | undefined) ?? null;
      return undefined;
    }
    return { reason: field.isKey ? 'missing_key' : 'missing', field: name };
  }
  const converted = convert(field, value);
  if (!converted.ok) return { reason: converted.reason, field: name };
  record[name] = converted.value;
  return undefined;
}

function valueAt(raw: unknown, path: readonly string[]): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

const shownElements = 100;
const shownChars = 1024;
/** Stands for what was left out at the end, and makes it longer than anything that was not cut. */
const ellipsis = '…';
/** Stands for what cannot be stored: NUL, half of a surrogate pair. */
const unstorable = '\uFFFD';
const nothing = '(null)';
const anObject = '(an object)';
const aList = '(a list)';

/** A refused value as it may be kept: short, storable, and never an object, which could hold what is not allowed. */
function evidence(field: Field, value: unknown): RecordValue {
  const isList = field.type === 'list' && Array.isArray(value);
  if (!isList) return shown(value);
  const elements = value.slice(0, shownElements).map((one) => shown(one) ?? nothing);
  return value.length > shownElements ? [...elements, ellipsis] : elements;
}

function shown(value: unknown): Scalar | null {
  if (typeof value === 'string') {
    const text = value.slice(0, shownChars).toWellFormed().replaceAll('\0', unstorable);
    return value.length > shownChars ? text + ellipsis : text;
  }
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === undefined || value === null) return null;
  return Array.isArray(value) ? aList : anObject;
}

/** Whether a refused record's payload is all that the source said: nothing cut, and no word that stands for something. */
export function isWhole(payload: object): boolean {
  return Object.values(payload).every((value) =>
    Array.isArray(value) ? value.length <= shownElements && value.every(isWholeValue) : isWholeValue(value),
  );
}

const isWholeValue = (value: unknown) =>
  typeof value !== 'string' ||
  (value.length <= shownChars && !value.includes(unstorable) && ![nothing, anObject, aList].includes(value));
