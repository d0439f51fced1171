import { isDeepStrictEqual } from 'node:util';
import { mostDigits } from './decimal.ts';
import { defaultTextBytes, type Field, type FieldType } from './fields.ts';
import type { Say } from './mistakes.ts';
import { convert } from './values.ts';

/** Checks what a field of a record says about itself. */
export function checkField(say: Say, where: string, field: Field): void {
  if (field.isKey) checkKey(say, where, field);
  checkType(say, where, field);
  if (field.defaultValue !== undefined) checkDefault(say, where, field);
}

/** Checks a computed column: of a field it has the type, and nothing that is about the source. */
export function checkColumnType(say: Say, where: string, column: Field): void {
  checkType(say, where, column);
  if (column.values) say(where, 'text(), since nobody checks what an expression yields', 'oneOf()');
  if (column.isKey || column.isNullable || column.defaultValue !== undefined) {
    say(where, 'a type and an expression', '.key(), .nullable() or .default(), which only fields of a record have');
  }
}

function checkType(say: Say, where: string, field: Field): void {
  if (field.values) checkValues(say, where, field.values);
  if (field.type === 'decimal') checkDigits(say, where, field);
  if (field.element) checkList(say, where, field, field.element);
}

function checkValues(say: Say, where: string, values: readonly string[]): void {
  if (values.length === 0) say(where, 'oneOf() with at least one text', 'none');
  const twice = values.find((value, index) => values.indexOf(value) < index);
  if (twice !== undefined) say(where, 'oneOf() with every text once', `${JSON.stringify(twice)} twice`);
}

function checkDigits(say: Say, where: string, { precision = 0, scale = 0 }: Field): void {
  const isPossible = Number.isInteger(precision) && precision >= 1 && precision <= mostDigits;
  if (!isPossible) say(where, `decimal() with a precision of 1 to ${mostDigits} digits`, precision);
  if (!Number.isInteger(scale) || scale < 0 || scale > precision) {
    say(where, `decimal() with a scale of 0 to its precision, ${precision}`, scale);
  }
}

/** Types that a source can write as a text, so that a part of a text can be one. */
const readFromText: readonly FieldType[] = ['text', 'uuid', 'timestamp', 'decimal'];

function checkList(say: Say, where: string, list: Field, element: Field): void {
  if (element.type === 'list')
    say(where, 'a list of scalars; of a list of lists, name a list at a deeper path', 'a list of lists');
  checkType(say, where, element);
  if (element.isKey || element.isNullable || element.piiClass || element.defaultValue !== undefined) {
    const onElement = '.key(), .nullable(), .pii() or .default() on its element';
    say(where, 'these said of the list itself, as in list(text(...)).pii(...)', onElement);
  }
  if (list.maxBytes !== defaultTextBytes)
    say(where, ".max() on the list's element, as in list(text(...).max(...))", 'it on the list');
  if (list.split === '') say(where, 'a separator of at least one character', 'an empty one');
  if (list.split !== undefined && !readFromText.includes(element.type)) {
    say(where, `split for a list of ${readFromText.join(', ')}`, `one of ${element.type}`);
  }
}

function checkKey(say: Say, where: string, field: Field): void {
  if (field.isNullable) say(where, 'a key that is always there', 'a nullable key');
  if (field.defaultValue !== undefined) say(where, 'a key that the source says', 'one with a default');
  if (field.type === 'list') say(where, 'a scalar as key; a text() at the path of one element is one', 'a list');
  if (field.type === 'decimal') say(where, 'a key that is compared letter by letter: text() or long()', 'a decimal');
}

function checkDefault(say: Say, where: string, field: Field): void {
  if (field.isNullable) {
    say(where, 'either .nullable(), which keeps null, or .default(), which replaces it', 'both');
  }
  const held = convert(asHeld(field), field.defaultValue);
  if (held.ok && isDeepStrictEqual(held.value, field.defaultValue)) return;
  const example = field.type === 'decimal' ? ` with ${field.scale} digits after the point` : '';
  const expected = `a default as a record holds it: ${held.ok ? JSON.stringify(held.value) : heldAs[field.type]}${example}`;
  say(where, expected, `${JSON.stringify(field.defaultValue)}${held.ok ? '' : ` (${held.reason})`}`);
}

/** A record holds milliseconds, whatever the source counts. */
function asHeld(field: Field): Field {
  return field.element ? { ...field, element: asHeld(field.element) } : { ...field, unit: 'ms' };
}

const heldAs: Readonly<Record<FieldType, string>> = {
  uuid: 'a UUID in lower case',
  text: 'a text that the field allows',
  int: 'a whole number of 32 bits',
  long: 'a whole number from -2^52 to 2^53 - 2',
  double: 'a number',
  boolean: 'true or false',
  timestamp: 'milliseconds since 1970',
  decimal: 'a text of its digits',
  list: 'a list of its elements',
};
