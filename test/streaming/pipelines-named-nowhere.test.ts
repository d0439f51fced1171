import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { pipelines } from '../../streaming/pipelines/index.ts';

const root = path.join(import.meta.dirname, '../..');

/** Everything that runs, and the settings of its tools; tests and docs take their examples where they are. */
const code = [
  ...readdirSync(root).filter((name) => /\.(ts|json)$/.test(name) && name !== 'package-lock.json'),
  ...['streaming', 'functions', 'local'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))),
  ),
].filter((file) => !file.startsWith('streaming/pipelines/'));

const exceptions: Readonly<Record<string, string>> = {
  'functions/prepare/migrations/001_path.sql': 'a comment; a migration that has been applied never changes',
  'local/commands/troubles.ts': 'the examples of docs/operate.md and of --help',
};

/** A name as addresses, Kafka and Cassandra write it, as code does, and where its records come from. */
const spellings = pipelines.flatMap(({ name, source }) => [
  name,
  name.replaceAll('-', '_'),
  name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
  new URL(source.url).host,
]);

const namesIn = (file: string) => {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...new Set(spellings)].filter((spelling) => text.includes(spelling));
};

it('There is code to look through', () => {
  expect(code.length).toBeGreaterThan(100);
  expect(code).toContain('functions/extract/extract.ts');
});

it.each(code.filter((file) => !(file in exceptions)))('%s names no pipeline', (file) => {
  expect(namesIn(file)).toEqual([]);
});

it.each(Object.entries(exceptions))('%s does, and may: %s', (file) => {
  expect(namesIn(file), 'it does not: take it off the list').not.toEqual([]);
});
