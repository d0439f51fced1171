import type { Definition } from './definition.ts';
import { PipelineError } from './errors.ts';

/** Reports a mistake of a definition: where, what was expected, what was found. */
export type Say = (where: string, expected: string, got: unknown) => never;

/** Names that CQL, Spark SQL and Avro all accept without quotes, as long as Keyspaces lets them be. */
const legalName = /^[a-z][a-z0-9_]{1,47}$/;

/** What would be read as a word of CQL or of Spark SQL. */
const reserved: ReadonlySet<string> = new Set(
  `add allow alter and apply asc authorize batch begin between by case cast columnfamily create default delete desc
   describe distinct drop else end entries execute exists false from full grant if in index infinity insert interval into
   is keyspace like limit materialized mbean mbeans modify nan norecursive not null of on or order primary rename replace
   revoke rlike schema select set table then to token true truncate unlogged unset update use using view when where
   with`.split(/\s+/),
);

/** Whether a field, a column or a table may be called so. */
export const isLegalName = (name: string): boolean => legalName.test(name) && !reserved.has(name);

export function sayFor(definition: Definition): Say {
  const name = typeof definition?.name === 'string' ? definition.name : 'a definition without name';
  return (where, expected, got) => {
    const found = typeof got === 'string' ? got : JSON.stringify(got);
    const message = `${name}: ${where === '' ? '' : `${where}: `}expected ${expected}, got ${found}`;
    throw new PipelineError(message, { code: 'bad_definition', at: 'source', retriable: false });
  };
}

export function checkKeys(say: Say, where: string, value: object, required: string[], optional: string[] = []): void {
  const known = [...required, ...optional];
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) say(where, `only the keys ${known.join(', ')}`, key);
  }
  for (const key of required) {
    if (!(key in value)) say(where, `the key ${key}`, `only ${Object.keys(value).join(', ')}`);
  }
}

export function checkName(say: Say, where: string, name: string): void {
  if (!legalName.test(name)) {
    say(where, 'a name of 2 to 48 lower-case letters, digits and underscores that starts with a letter', name);
  }
  if (reserved.has(name)) say(where, `a name that is no word of CQL or SQL, such as the_${name}`, name);
}
