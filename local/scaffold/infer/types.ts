import { defaultTextBytes, timestamp, uuid } from '../../../streaming/fields.ts';
import { convert } from '../../../streaming/values.ts';
import { wordsOf } from './names.ts';

export type ScalarType = 'uuid' | 'text' | 'int' | 'long' | 'double' | 'boolean' | 'timestamp';

/** A field's type as a definition says it. */
export interface InferredType {
  readonly type: ScalarType | 'list';
  /** Type of a list's elements. */
  readonly of?: ScalarType;
  /** The source counts seconds. */
  readonly isSeconds?: boolean;
  /** Longest text, where it is more than a definition allows by itself. */
  readonly maxBytes?: number;
}

/** A type, or why there is none that a definition could hold. */
export type Guess = InferredType | { readonly unsupported: string };

/** The type of values of one kind; `path` names the field, because a number's name may say that it is a time. */
export function typeOf(path: string, values: readonly unknown[]): Guess {
  const [first] = values;
  if (Array.isArray(first)) return listType(path, values as readonly unknown[][]);
  if (typeof first === 'string') return textType(values as readonly string[]);
  if (typeof first === 'number') return numberType(path, values as readonly number[]);
  return { type: 'boolean' };
}

function textType(values: readonly string[]): InferredType {
  if (values.every((value) => convert(uuid(''), value).ok)) return { type: 'uuid' };
  if (values.every((value) => convert(timestamp(''), value).ok)) return { type: 'timestamp' };
  return asText(values);
}

/** Text, with a limit of its own where the usual one is too low. */
export function asText(values: readonly unknown[]): InferredType {
  return longestOf(values) > defaultTextBytes ? { type: 'text', maxBytes: roomyBytes(values) } : { type: 'text' };
}

/** Room for twice the longest text of the sample, as a round number. */
export const roomyBytes = (texts: readonly unknown[]) => 2 ** Math.ceil(Math.log2(longestOf(texts) * 2));

export const longestOf = (texts: readonly unknown[]) =>
  Math.max(...texts.map((text) => Buffer.byteLength(String(text))));

function numberType(path: string, values: readonly number[]): Guess {
  if (!values.every(Number.isInteger)) return { type: 'double' };
  if (values.some((value) => !Number.isSafeInteger(value))) {
    return { unsupported: 'whole numbers beyond 2^53, which JSON does not carry exactly' };
  }
  if (timeWords.test(lastWords(path))) {
    if (mostly(values, isSecond)) return { type: 'timestamp', isSeconds: true };
    if (mostly(values, isMillisecond)) return { type: 'timestamp' };
  }
  if (/^(lat|latitude|lon|lng|longitude)$/.test(lastWords(path))) return { type: 'double' };
  // Half of the range is left for what the sample does not show; an id only grows.
  const isSmall = !/(^|_)id$/.test(lastWords(path)) && values.every((value) => Math.abs(value) < 2 ** 30);
  return { type: isSmall ? 'int' : 'long' };
}

const timeWords =
  /(^|_)(at|on|time|timestamp|ts|date|datetime|updated|modified|created|reported|changed|published|observed|recorded|registered|expires|start|end|since|until|seen|last)(_|$)/;
const lastWords = (path: string) => wordsOf(path.split('.').at(-1) ?? '').join('_');

const years = { from: Date.UTC(2000, 0), until: Date.UTC(2100, 0) };
const isMillisecond = (value: number) => value >= years.from && value < years.until;
const isSecond = (value: number) => isMillisecond(value * 1000);
/** Nearly all: a source says 0 where it knows no time. */
const mostly = (values: readonly number[], test: (value: number) => boolean) =>
  values.every((value) => value >= 0) && values.filter(test).length * 10 >= values.length * 9;

function listType(path: string, lists: readonly (readonly unknown[])[]): Guess {
  const elements = lists.flat();
  if (elements.length === 0) return { unsupported: 'a list that is empty everywhere' };
  if (elements.some((element) => Array.isArray(element))) return { unsupported: 'a list of lists' };
  if (elements.some((element) => typeof element === 'object')) {
    return { unsupported: elements.includes(null) ? 'a list with nulls in it' : 'a list of objects' };
  }
  const mixed = kindsOf(elements);
  if (mixed.length > 1) return { unsupported: `a list of ${mixed.join(' and ')}` };
  const of = typeOf(path, elements);
  if ('unsupported' in of) return { unsupported: `a list of ${of.unsupported}` };
  // An element has no unit: a list of seconds is a list of numbers.
  return {
    type: 'list',
    of: of.isSeconds ? 'long' : (of.type as ScalarType),
    ...(of.maxBytes ? { maxBytes: of.maxBytes } : {}),
  };
}

/** Kinds of JSON values, each once, as a reader knows them. */
export function kindsOf(values: readonly unknown[]): readonly string[] {
  return [
    ...new Set(
      values.map((value) => (Array.isArray(value) ? 'list' : typeof value === 'string' ? 'text' : typeof value)),
    ),
  ];
}
