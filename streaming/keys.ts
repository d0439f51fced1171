import type { Definition } from './definition.ts';
import type { FieldType } from './fields.ts';
import { convert } from './values.ts';

/** Name of the field that a record is known by; a definition has exactly one. */
export function keyFieldOf({ name, record }: Definition): string {
  const found = Object.keys(record).find((field) => record[field]?.isKey);
  if (found === undefined) throw new RangeError(`pipeline ${name}: expected a key field, got none`);
  return found;
}

/**
 * Reads the key of a record, or of what the source said of one, as text: one text for one key, however it was written.
 * Undefined where there is none.
 */
export function keyReaderOf(pipeline: Definition): (payload: unknown) => string | undefined {
  const name = keyFieldOf(pipeline);
  const field = pipeline.record[name];
  return (payload) => {
    if (field === undefined || typeof payload !== 'object' || payload === null) return undefined;
    const converted = convert(field, (payload as Readonly<Record<string, unknown>>)[name]);
    return converted.ok ? String(converted.value) : undefined;
  };
}

const numbers: readonly FieldType[] = ['int', 'long', 'double'];

/** The key that a person has typed, as `keyReaderOf` reads it; undefined when it cannot be one. */
export function keyFromText(pipeline: Definition, typed: string): string | undefined {
  const name = keyFieldOf(pipeline);
  const type = pipeline.record[name]?.type ?? 'text';
  return keyReaderOf(pipeline)({ [name]: numbers.includes(type) ? Number(typed) : typed });
}
