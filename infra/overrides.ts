type Leaf = string | number | boolean;
/** Settings in groups; the leaves of the tree are what can be overridden, by their path. */
type Tree = object;

/**
 * Settings with some of them replaced: `{ 'topic.brokers': '4' }`. The value a setting has says how a new one is read.
 * A key that names no setting is an error that lists those there are.
 */
export function overridden<T extends Tree>(settings: T, overrides: Readonly<Record<string, string>>): T {
  const known = leavesOf(settings);
  const copy = structuredClone(settings);
  for (const [key, text] of Object.entries(overrides)) {
    const current = known.get(key);
    if (current === undefined) {
      throw new Error(`-c ${key}: expected one of stage, zones, ${[...known.keys()].join(', ')}; got another key`);
    }
    put(copy, key.split('.'), read(key, text, current));
  }
  return copy;
}

function leavesOf(tree: Tree, prefix = ''): ReadonlyMap<string, Leaf> {
  const entries = Object.entries(tree).flatMap(([name, value]): [string, Leaf][] =>
    typeof value === 'object' ? [...leavesOf(value, `${prefix}${name}.`)] : [[prefix + name, value]],
  );
  return new Map(entries.filter(([key]) => !fixed.has(key)));
}

/** What a stage is, and what becomes of its data, is written down and not said in passing. */
const fixed: ReadonlySet<string> = new Set(['stage', 'shows', 'data', 'data.destroyData', 'data.because']);

function read(key: string, text: string, current: Leaf): Leaf {
  if (typeof current === 'string') return text;
  if (typeof current === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new Error(`-c ${key}: expected true or false, got ${JSON.stringify(text)}`);
  }
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return number;
  throw new Error(`-c ${key}: expected a number, got ${JSON.stringify(text)}`);
}

function put(tree: Tree, [name = '', ...rest]: readonly string[], value: Leaf): void {
  const branch = tree as Record<string, unknown>;
  if (rest.length === 0) branch[name] = value;
  else put(branch[name] as Tree, rest, value);
}
