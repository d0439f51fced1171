import type { Sampled, SampledField } from './fields.ts';
import { wordsOf } from './names.ts';
import { longestOf } from './types.ts';

/** Types that may be a record's key. */
const keyTypes = ['uuid', 'text', 'int', 'long'];

export interface KeyCandidate {
  readonly field: SampledField;
  /** It is called an id: it may be taken unasked. */
  readonly isLikely: boolean;
}

/** Fields that are there in every record and differ in each: the likely ones first. */
export function keyCandidates(fields: readonly SampledField[]): readonly KeyCandidate[] {
  return fields
    .filter((field) => keyProblem(field) === undefined)
    .map((field) => ({ field, rank: rankOf(field) }))
    .filter(({ rank }) => rank < never)
    .sort((a, b) => a.rank - b.rank)
    .map(({ field, rank }) => ({ field, isLikely: rank < unlikely }));
}

const unlikely = 100;
const never = 1000;

/** Nearer to the root is likelier. A number that is not called an id is a measurement that happens to differ. */
function rankOf({ path, type }: SampledField): number {
  const steps = path.split('.');
  const last = wordsOf(steps.at(-1) ?? '');
  if (/^(id|uuid|guid|key)$/.test(last.join('_'))) return steps.length;
  if (/^(id|uuid|guid|key|code|slug)$/.test(last.at(-1) ?? '')) return 10 + steps.length;
  return type.type === 'uuid' || type.type === 'text' ? unlikely + steps.length : never;
}

/** With room for twice as much, a key that Keyspaces still takes. */
const mostKeyBytes = 256;

/** Why a field cannot be the key, or undefined when it can. */
export function keyProblem({ type, missing, values }: SampledField): string | undefined {
  if (!keyTypes.includes(type.type))
    return `is ${type.type === 'list' ? 'a list' : `a ${type.type}`}, and a key is one of ${keyTypes.join(', ')}`;
  if (missing > 0) return `is missing in ${missing} of ${missing + values.length} records`;
  if (values.includes('')) return 'is empty in some records';
  if (longestOf(values) > mostKeyBytes) return `is longer than ${mostKeyBytes} bytes`;
  const repeated = values.length - new Set(values.map(String)).size;
  return repeated > 0 ? `is not unique: ${repeated} of ${values.length} records repeat another's` : undefined;
}

/** The field that was asked for as key. */
export function keyNamed(sampled: Sampled, path: string): SampledField {
  const field = fieldNamed(sampled, '--key', path);
  const problem = keyProblem(field);
  if (problem === undefined) return field;
  throw new Error(
    `--key ${path}: expected a field with another value in every record, but it ${problem}. ${possibleKeys(sampled.fields)}`,
  );
}

export function noKey(fields: readonly SampledField[]): Error {
  const near = fields.filter(
    ({ type, path }) => keyTypes.includes(type.type) && /(^|_)(id|key|code|name)$/.test(wordsOf(path).join('_')),
  );
  const why = near
    .slice(0, 5)
    .map((field) => `${field.path} ${keyProblem(field) ?? 'is unique, but does not look like an identity'}`);
  return new Error(
    `key: expected a field that tells the records apart, got none${why.length > 0 ? ` (${why.join('; ')})` : ''}. ${possibleKeys(fields)}`,
  );
}

/** What may be named, for a reader who has to. */
function possibleKeys(fields: readonly SampledField[]): string {
  const paths = keyCandidates(fields).map(({ field }) => field.path);
  if (paths.length > 0) return `Unique here: ${paths.join(', ')}; choose with --key.`;
  return 'No field of this sample could be: a record without an identity cannot be written twice without doubling, so give an answer that has one.';
}

/** A field by its path; for one that was left out, says why a definition cannot hold it. */
export function fieldNamed({ fields, leftOut }: Sampled, option: string, path: string): SampledField {
  const found = fields.find((field) => field.path === path);
  if (found) return found;
  const why = leftOut.find((left) => left.path === path)?.why;
  if (why === undefined) {
    throw new Error(
      `${option}: expected a field of the record (${fields.map((field) => field.path).join(', ')}), got ${path}`,
    );
  }
  throw new Error(
    `${option} ${path}: expected a field that a definition can hold, got ${why}; choose another one. What lies in a list is a record of its own, from an address that answers it as a list of records.`,
  );
}
