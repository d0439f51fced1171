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
  const columns = Object.entries(pipeline.record).map(([name, field]) => ({
    name,
    field,
    path: field.from.split('.'),
  }));
  const avroType = avroTypeOf(pipeline);

  const refuse = (raw: unknown, { reason, field }: Mistake): Projected => {
    const kept = columns.map(({ name, field, path }) => [name, evidence(field, valueAt(raw, path))] as const);
    return { ok: false, reason, field, payload: Object.fromEntries(kept) };
  };

  return (raw) => {
    if (typeof raw !== 'object' || raw === null) return refuse({}, { reason: 'not_an_object', field: null });
    const record: Record<string, RecordValue> = {};
    for (const column of columns) {
      const mistake = project(column, raw, record);
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

/** Puts one field's value into the record; answers why it could not. */
function project({ name, field, path }: Column, raw: object, record: Record<string, RecordValue>): Mistake | undefined {
  const value = valueAt(raw, path);
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

const shownElements = 20;

/** A refused value as it may be kept: short, storable, and never an object, which could hold what is not allowed. */
function evidence(field: Field, value: unknown): RecordValue {
  const isList = field.type === 'list' && Array.isArray(value);
  if (isList) return value.slice(0, shownElements).map((one) => shown(one) ?? '(null)');
  return shown(value);
}

function shown(value: unknown): Scalar | null {
  if (typeof value === 'string') return value.slice(0, 256).toWellFormed().replaceAll('\0', '');
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return value === undefined || value === null ? null : `(${Array.isArray(value) ? 'a list' : 'an object'})`;
}
