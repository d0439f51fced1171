import type { Definition } from './definition.ts';
import { PipelineError } from './errors.ts';

/** Reports a mistake of a definition: where, what was expected, what was found. */
export type Say = (where: string, expected: string, got: unknown) => never;

/** Names that Keyspaces accepts for keyspaces, tables and columns; ours are lower case, so that no reader needs quotes. */
const legalName = /^[a-z0-9][a-z0-9_]{1,47}$/;

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
    say(where, 'a name of 2 to 48 lower-case letters, digits and underscores that starts with a letter or digit', name);
  }
}
