import type { Field } from './fields.ts';

/** Spark SQL that takes a decoded value back to what landed: its form in JSON, as dead letters show it. */
export function landedSql(value: string, { type, element, scale = 0 }: Field): string {
  if (type === 'timestamp') return `unix_millis(${value})`;
  // A cast would write small numbers with an exponent.
  if (type === 'decimal') return `format_number(${value}, '0${scale === 0 ? '' : `.${'0'.repeat(scale)}`}')`;
  if (element === undefined) return value;
  const ofElement = landedSql('x', element);
  return ofElement === 'x' ? value : `transform(${value}, x -> ${ofElement})`;
}
