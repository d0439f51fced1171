import type { Definition } from './definition.ts';
import type { Field } from './fields.ts';
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
    ...sizeRules(name, field),
  ]);
}

function missingRules(name: string, field: Field): readonly Rule[] {
  if (field.isNullable) return [];
  return [{ reason: field.isKey ? 'missing_key' : 'missing', field: name, broken: `${name} IS NULL` }];
}

function sizeRules(name: string, field: Field): readonly Rule[] {
  if (field.type === 'uuid') {
    const pattern = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
    return [{ reason: 'bad_uuid', field: name, broken: `coalesce(NOT (${name} RLIKE '${pattern}'), false)` }];
  }
  if (field.type === 'text') {
    return [{ reason: 'too_long', field: name, broken: `coalesce(octet_length(${name}) > ${field.maxBytes}, false)` }];
  }
  if (field.type === 'timestamp') {
    return [{ reason: 'out_of_range', field: name, broken: `coalesce(NOT (year(${name}) BETWEEN 1 AND 9999), false)` }];
  }
  return [];
}

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
