import type { Definition } from './definition.ts';
import { type Field, mostElements } from './fields.ts';
import type { ManifestPipeline } from './manifest.ts';
import { keyNamesOf } from './tables.ts';

type Rule = ManifestPipeline['rules'][number];

/**
 * The rules that decide good or dead before anything is written, as Spark SQL. The first ones are what Cassandra would
 * refuse, and Cassandra refuses a whole batch; after them a failed write is a failed run, never a bad record.
 */
export function rulesOf(pipeline: Definition): readonly Rule[] {
  return [...fieldRules(pipeline), ...keyRules(pipeline), ...qualityRules(pipeline)];
}

function fieldRules(pipeline: Definition): readonly Rule[] {
  return Object.entries(pipeline.record).flatMap(([name, field]) => [
    ...missingRules(name, field),
    ...valueRules(name, field),
  ]);
}

function missingRules(name: string, field: Field): readonly Rule[] {
  if (field.isNullable) return [];
  return [{ reason: field.isKey ? 'missing_key' : 'missing', field: name, broken: `${name} IS NULL` }];
}

function valueRules(name: string, field: Field): readonly Rule[] {
  const mistakes = field.element === undefined ? mistakesOf(name, field) : listMistakes(name, field.element);
  return mistakes.map(({ reason, sql }) => ({ reason, field: name, broken: `coalesce(${sql}, false)` }));
}

interface Mistake {
  readonly reason: string;
  /** Spark SQL that is true of a value that may not be. */
  readonly sql: string;
}

/** `x` is an element: no field has a name of one letter. */
function listMistakes(name: string, element: Field): readonly Mistake[] {
  const ofElements = mistakesOf('x', element).map(({ reason, sql }) => ({
    reason,
    sql: `exists(${name}, x -> ${sql})`,
  }));
  return [{ reason: 'too_long', sql: `size(${name}) > ${mostElements}` }, ...ofElements];
}

function mistakesOf(value: string, { type, maxBytes, values }: Field): readonly Mistake[] {
  if (type === 'uuid') {
    const pattern = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
    return [{ reason: 'bad_uuid', sql: `NOT (${value} RLIKE '${pattern}')` }];
  }
  if (type === 'timestamp') return [{ reason: 'out_of_range', sql: `NOT (year(${value}) BETWEEN 1 AND 9999)` }];
  if (type !== 'text') return [];
  const tooLong = { reason: 'too_long', sql: `octet_length(${value}) > ${maxBytes}` };
  if (values === undefined) return [tooLong];
  return [tooLong, { reason: 'not_allowed', sql: `NOT (${value} IN (${values.map(sqlText).join(', ')}))` }];
}

/** A text as a literal of Spark SQL. */
const sqlText = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** Cassandra takes no empty text as a partition key of one column. */
function keyRules(pipeline: Definition): readonly Rule[] {
  return Object.values(pipeline.tables)
    .filter((table) => table.partition.length === 1)
    .flatMap((table) => keyNamesOf(table).slice(0, 1))
    .filter((name) => pipeline.record[name]?.type === 'text')
    .map((name) => ({ reason: 'missing_key', field: name, broken: `${name} = ''` }));
}

/** A rule that yields NULL counts as broken: what cannot be judged is not good. */
function qualityRules(pipeline: Definition): readonly Rule[] {
  return Object.entries(pipeline.quality ?? {}).map(([name, sql]) => ({
    reason: `quality:${name}`,
    field: null,
    broken: `coalesce(NOT (${sql}), true)`,
  }));
}
