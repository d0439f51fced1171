import { isObject } from './shape.ts';

/** A list of objects in an answer: perhaps its records. */
export interface ListOfRecords {
  /** Dot path to it; `.` when the answer is the list. */
  readonly path: string;
  readonly records: readonly object[];
}

const deepest = 8;

/** Every list of objects that a dot path can name, the longest first. Lists inside of records are not looked at. */
export function listsIn(answer: unknown): readonly ListOfRecords[] {
  return [...arraysIn(answer, [])]
    .flatMap(({ path, list }) => (list.length > 0 && list.every(isObject) ? [{ path, records: list }] : []))
    .sort((a, b) => b.records.length - a.records.length);
}

function* arraysIn(
  value: unknown,
  path: readonly string[],
): Generator<{ readonly path: string; readonly list: readonly unknown[] }> {
  if (Array.isArray(value)) yield { path: path.join('.') || '.', list: value };
  if (!isObject(value) || path.length === deepest) return;
  const named = Object.entries(value).filter(([name]) => name !== '' && !name.includes('.'));
  for (const [name, inner] of named) yield* arraysIn(inner, [...path, name]);
}

/** Lists that could as well be meant as the longest: at least half as long. */
export function rivalsOf(lists: readonly ListOfRecords[]): readonly ListOfRecords[] {
  const [longest, ...others] = lists;
  return longest ? others.filter(({ records }) => records.length * 2 >= longest.records.length) : [];
}

/** Why an answer holds no records, and what to do. */
export function noList(answer: unknown, from: string): Error {
  const empty = [...arraysIn(answer, [])].filter(({ list }) => list.length === 0).map(({ path }) => path);
  if (empty.length > 0) {
    return new Error(
      `${from}: expected a list with records, got an empty one at ${empty.join(', ')}. A definition is inferred from records: ask for an answer that has some.`,
    );
  }
  const got = isObject(answer)
    ? `an object with ${Object.keys(answer).slice(0, 12).join(', ') || 'nothing'}`
    : kind(answer);
  return new Error(
    `${from}: expected a list of objects somewhere in the answer, got ${got}. Records that are the values of an object, or lists themselves, cannot be read: find an address that answers a list.`,
  );
}

function kind(answer: unknown): string {
  return Array.isArray(answer) ? 'a list of something else' : JSON.stringify(answer).slice(0, 60);
}

/** The list that was asked for by its path. */
export function listNamed(lists: readonly ListOfRecords[], path: string): ListOfRecords {
  const found = lists.find((list) => list.path === path);
  if (found) return found;
  throw new Error(
    `--list: expected one of ${lists.map((list) => `${list.path} (${list.records.length} records)`).join(', ')}, got ${path}`,
  );
}
