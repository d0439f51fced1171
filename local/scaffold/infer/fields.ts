import type { PiiClass } from '../../../streaming/fields.ts';
import { namesOf, wordsOf } from './names.ts';
import { isSecret, piiOf } from './personal.ts';
import { type LeftOut, type Shape, shapesOf } from './shape.ts';
import { asText, type Guess, type InferredType, kindsOf, typeOf } from './types.ts';

/** A field as the sample suggests it. */
export interface SampledField {
  readonly path: string;
  readonly name: string;
  readonly type: InferredType;
  /** Records in which it is absent or null. */
  readonly missing: number;
  readonly pii: PiiClass;
  /** Its values, in the order of the records that have one. */
  readonly values: readonly unknown[];
}

/** What a sample holds. */
export interface Sampled {
  readonly fields: readonly SampledField[];
  readonly leftOut: readonly LeftOut[];
}

export interface Wishes {
  /** Paths taken as text, whatever their values look like. */
  readonly text: readonly string[];
  /** Paths left out, with all that is below them. */
  readonly skip: readonly string[];
}

/** Every field of the sample that a definition can hold, and what is left out. Mixed types are an error. */
export function fieldsOf(records: readonly object[], { text, skip }: Wishes): Sampled {
  const { shapes, leftOut } = shapesOf(records);
  const isBelow = (path: string, above: string) => path === above || path.startsWith(`${above}.`);
  refuseUnknown('--text', text, (path) => shapes.some((shape) => shape.path === path));
  refuseUnknown('--skip', skip, (path) => shapes.some((shape) => isBelow(shape.path, path)));
  const kept = shapes.filter(({ path }) => !skip.some((skipped) => isBelow(path, skipped)));
  const guesses = kept.flatMap((shape) => guessOf(shape, text.includes(shape.path)));

  const taken = guesses.flatMap(({ shape, guess }) => ('unsupported' in guess ? [] : [{ shape, type: guess }]));
  const names = namesOf(taken.map(({ shape }) => shape.path));
  const fields = taken.map(({ shape: { path, values }, type }) => {
    const name = names.get(path) ?? path;
    return { path, name, type, missing: records.length - values.length, pii: piiOf(path, values), values };
  });
  const unsupported = guesses.flatMap(({ shape, guess }) =>
    'unsupported' in guess ? [{ path: shape.path, why: guess.unsupported }] : [],
  );
  const skipped = skip.map((path) => ({ path, why: '--skip' }));
  return { fields: asPersonal(fields), leftOut: [...leftOut, ...unsupported, ...skipped] };
}

/** Nothing for a path that only leads to others. */
function guessOf(shape: Shape, isText: boolean): { readonly shape: Shape; readonly guess: Guess }[] {
  const { path, values, objects } = shape;
  if (isSecret(path)) return [{ shape, guess: { unsupported: 'its name sounds like a secret' } }];
  if (values.length === 0) return objects > 0 ? [] : [{ shape, guess: { unsupported: 'null in every record' } }];
  const kinds = [...(objects > 0 ? ['object'] : []), ...kindsOf(values)];
  if (isText && kinds.every((kind) => kind === 'text' || kind === 'number')) return [{ shape, guess: asText(values) }];
  if (kinds.length > 1 || isText) throw mixed(path, kinds, isText);
  return [{ shape, guess: typeOf(path, values) }];
}

function mixed(path: string, kinds: readonly string[], isText: boolean): Error {
  const canBeText = kinds.every((kind) => kind === 'text' || kind === 'number');
  const wayOut = canBeText
    ? `take it as text (--text ${path}), or leave it out (--skip ${path})`
    : `only texts and numbers can be text: leave it out (--skip ${path})`;
  const expected = isText ? 'texts and numbers, to take it as text' : 'values of one type';
  return new Error(`field ${path}: expected ${expected}, got ${kinds.join(' and ')}; ${wayOut}`);
}

function refuseUnknown(option: string, paths: readonly string[], isKnown: (path: string) => boolean): void {
  const unknown = paths.find((path) => !isKnown(path));
  if (unknown !== undefined) throw new Error(`${option}: expected a path of the sample's records, got ${unknown}`);
}

/** Beside an e-mail address a name is a person's; alone it may be a station's. */
function asPersonal(fields: readonly SampledField[]): readonly SampledField[] {
  if (!fields.some(({ pii }) => pii === 'direct')) return fields;
  return fields.map((field) => {
    const words = wordsOf(field.path);
    if (words.at(-1) === 'name' && field.pii === 'none') return { ...field, pii: 'direct' };
    const isId = words.some((word) => /^(id|uuid|guid|state|region)$/.test(word));
    return isId && field.pii === 'none' ? { ...field, pii: 'quasi' } : field;
  });
}
