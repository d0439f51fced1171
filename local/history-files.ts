import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AvroSchema } from '../streaming/avro.ts';
import type { Definition } from '../streaming/definition.ts';
import type { History } from '../streaming/history.ts';

/** A pipeline's folder in a checkout. */
export const pipelineFolder = (root: string, { name }: Pick<Definition, 'name'>) =>
  join(root, 'streaming/pipelines', name);

const tablesFile = 'tables.json';
const schemaName = /^([1-9]\d*)\.avsc$/;

/** Reads `schemas/1.avsc`, `2.avsc`, ... and `tables.json` of a pipeline's folder; what is not there yet is empty. */
export function readHistory(folder: string): History {
  const schemas = join(folder, 'schemas');
  const versions = existsSync(schemas) ? readdirSync(schemas).map((name) => Number(schemaName.exec(name)?.[1])) : [];
  const gap = Array.from(versions, (_, index) => index + 1).find((version) => !versions.includes(version));
  if (gap !== undefined) throw new Error(`${schemas}: expected 1.avsc, 2.avsc, ... without a gap, got no ${gap}.avsc`);
  const tables = join(folder, tablesFile);
  return {
    schemas: versions.sort((a, b) => a - b).map((version) => readJson<AvroSchema>(join(schemas, `${version}.avsc`))),
    tables: existsSync(tables) ? readJson(tables) : {},
  };
}

/** Writes what the files do not hold yet; a schema that is kept is never written again. */
export function writeHistory(folder: string, { schemas, tables }: History): void {
  mkdirSync(join(folder, 'schemas'), { recursive: true });
  for (const [index, schema] of schemas.entries()) {
    const file = join(folder, 'schemas', `${index + 1}.avsc`);
    if (!existsSync(file)) writeFileSync(file, jsonText(schema));
  }
  writeFileSync(join(folder, tablesFile), jsonText(tables));
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
const jsonText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
