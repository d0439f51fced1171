import type { Definition } from '../../../streaming/definition.ts';
import { projectorOf } from '../../../streaming/projection.ts';

/** One source record, and what the definition makes of it: a record, or the reason why not. */
type Example = { readonly says: string; readonly raw: object } & (
  | { readonly broken: null; readonly record: unknown }
  | { readonly refused: { readonly reason: string; readonly field: string | null } }
);

const mostGood = 3;
const mostBad = 3;

/** Good and bad records for the test that walks every definition; a reader adds what the source surprises with. */
export function examplesOf(definition: Definition, recorded: readonly object[]): readonly Example[] {
  const project = projectorOf(definition);
  const example = (says: string, raw: object): Example => {
    const projected = project(raw);
    return projected.ok
      ? { says, broken: null, raw, record: projected.record }
      : { says, refused: { reason: projected.reason, field: projected.field }, raw };
  };
  const good = recorded.slice(0, mostGood).map((raw, index) => example(`record ${index + 1} of the answer`, raw));
  const [first = {}] = recorded;
  const bad = Object.entries(definition.record)
    .filter(([, field]) => !field.isNullable)
    .slice(0, mostBad)
    .map(([name, field]) => example(`a record without ${name}`, without(first, field.from.split('.'))));
  return [...good, ...bad];
}

/** A copy of the record in which one path leads nowhere. */
function without(record: object, [step = '', ...rest]: readonly string[]): object {
  const { [step]: value, ...others } = record as Record<string, unknown>;
  return rest.length === 0 ? others : { ...others, [step]: without(value as object, rest) };
}
