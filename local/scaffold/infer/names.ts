import { isLegalName } from '../../../streaming/mistakes.ts';

/** Objects that only wrap what a record says: their names tell nothing. */
const wrappers = new Set(['properties', 'attributes', 'fields', 'data', 'record', 'values']);

/** Longest name that Keyspaces accepts. */
const longest = 48;

/** Lower-case words of a source's name: `lastReported` and `last-reported` are `last`, `reported`. */
export function wordsOf(name: string): readonly string[] {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter(Boolean);
}

/** The field's name for every path: its last step with the one before, as far back as it takes to be legal and unique. */
export function namesOf(paths: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const path of paths) {
    const name = candidates(path).find((candidate) => isLegalName(candidate) && !taken.has(candidate)) as string;
    taken.add(name);
    names.set(path, name);
  }
  return names;
}

/** `location.lat` is `location_lat`; `order` alone, which CQL keeps for itself, is `the_order`. */
function candidates(path: string): string[] {
  const steps = path.split('.').map(wordsOf);
  const kept = steps.filter((words, index) => index === steps.length - 1 || !wrappers.has(words.join('_')));
  const lengths = [2, ...kept.map((_, index) => index + 1).filter((length) => length > 2)];
  const joined = [...lengths.map((length) => joinedName(kept.slice(-length))), joinedName(steps)];
  const base = joined[0] || 'value';
  const numbered = Array.from({ length: 100 }, (_, index) => `the_${base.slice(0, 40)}_${index + 2}`);
  return [...joined, `the_${base}`, ...numbered].map((name) => name.slice(0, longest));
}

/** A step that begins with the one before it says it already: `station.station_id` is `station_id`. */
function joinedName(steps: readonly (readonly string[])[]): string {
  let words: readonly string[] = [];
  for (const step of steps.toReversed()) {
    const isSaid = step.length > 0 && step.every((word, index) => words[index] === word);
    if (!isSaid) words = [...step, ...words];
  }
  return words.join('_');
}
