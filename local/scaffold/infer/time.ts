import type { Sampled, SampledField } from './fields.ts';
import { fieldNamed } from './key.ts';
import { wordsOf } from './names.ts';

/**
 * The time by whose day a second table is kept. `changes`: it says when the record last changed, so it is the record's
 * version too, and every revision is a row. `fixed`: it never changes for one key.
 */
export interface RecordTime {
  readonly field: SampledField;
  readonly kind: 'changes' | 'fixed';
}

const changing = /(^|_)(updated|modified|changed|revised|reported|refreshed|observed|measured|recorded|last)(_|$)/;
const fixed = /(^|_)(created|published|registered|occurred|issued|opened|posted|born|added)(_|$)/;

/** Times that are there in every record, the one that says when it changed first. */
export function timeCandidates(fields: readonly SampledField[]): readonly RecordTime[] {
  const times = fields.filter(({ type, missing }) => type.type === 'timestamp' && missing === 0);
  const known = times.flatMap((field) => {
    const kind = kindOf(field);
    return kind ? [{ field, kind }] : [];
  });
  return [...known.filter(({ kind }) => kind === 'changes'), ...known.filter(({ kind }) => kind === 'fixed')];
}

function kindOf({ path }: SampledField): RecordTime['kind'] | undefined {
  const name = wordsOf(path.split('.').at(-1) ?? '').join('_');
  if (changing.test(name)) return 'changes';
  return fixed.test(wordsOf(path).join('_')) ? 'fixed' : undefined;
}

/** The field that was asked for as time. Whoever names one whose name does not say that it changes, says that it does not. */
export function timeNamed(sampled: Sampled, path: string): RecordTime {
  const field = fieldNamed(sampled, '--time', path);
  const got = field.type.type === 'timestamp' ? `missing in ${field.missing} records` : field.type.type;
  if (field.type.type !== 'timestamp' || field.missing > 0) {
    throw new Error(
      `--time ${path}: expected a timestamp that every record has, got ${got}; leave --time out for one table by key`,
    );
  }
  return { field, kind: kindOf(field) ?? 'fixed' };
}
