import type { SampledField } from '../infer/fields.ts';
import type { Proposal } from '../proposal.ts';

/** Most records kept of an answer: it lies in the repository. */
const mostRecords = 200;

type Open = { [name: string]: unknown };

/**
 * The answer as it is kept: what the definition names and nothing else, in the source's shape. What names a person is
 * made up, because a repository is read by more people than a table.
 */
export function recordedOf({ list, fields }: Proposal): readonly object[] {
  return list.records.slice(0, mostRecords).map((original, index) => {
    const kept: Open = {};
    for (const field of fields) {
      const value = valueAt(original, field.path.split('.'));
      if (value === undefined) continue;
      put(kept, field.path.split('.'), field.pii === 'direct' ? madeUp(field, value, index + 1) : value);
    }
    return kept;
  });
}

function valueAt(record: unknown, steps: readonly string[]): unknown {
  let value = record;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Open)[step];
  }
  return value;
}

function put(record: Open, [step = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) record[step] = value;
  else {
    record[step] ??= {};
    put(record[step] as Open, rest, value);
  }
}

/** Another value of the same type, and another one for every record. */
function madeUp({ name, type }: SampledField, value: unknown, n: number): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return [];
  if (type.type === 'uuid') return `00000000-0000-4000-a000-${String(n).padStart(12, '0')}`;
  if (type.type === 'timestamp') return madeUpTime(value, n);
  if (typeof value === 'number') return n;
  return String(value).includes('@') ? `person-${n}@example.com` : `${name.replaceAll('_', ' ')} ${n}`;
}

function madeUpTime(value: unknown, n: number): unknown {
  const day = Date.UTC(2001, 0, n);
  if (typeof value === 'string') return new Date(day).toISOString();
  return Number(value) < 100_000_000_000 ? day / 1000 : day;
}
