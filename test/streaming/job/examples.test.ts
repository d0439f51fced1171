import { beforeAll, describe, expect, it } from 'vitest';
import { avroSchemaOf } from '../../../streaming/avro.ts';
import type { Definition, PipelineRecord, RecordValue } from '../../../streaming/definition.ts';
import { manifestOf } from '../../../streaming/manifest.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';
import { columnsOf, keyOf } from '../../../streaming/tables.ts';
import { examplesOf } from '../examples.ts';
import { messageMaker } from './messages.ts';
import { pythonMs, runPython } from './python.ts';

/** The other half of what a definition's examples say: rows of its tables, or the rule that the stream finds broken. */
const sentMs = Date.parse('2026-11-24T17:00:00.500Z');

interface Answers {
  verdicts: { offset: number; verdict?: { reason: string } }[];
  tables: Record<string, (Record<string, unknown> & { offset: number })[]>;
}

const definitions = pipelines.map((pipeline) => ({
  name: pipeline.name,
  pipeline,
  landing: examplesOf(pipeline)
    .filter((example) => 'record' in example)
    .map((example, offset) => ({ ...example, offset })),
}));

describe.each(definitions)('An example of $name', ({ pipeline, landing }) => {
  let answers: Answers;

  beforeAll(async () => {
    const message = messageMaker(pipeline, 1, sentMs);
    answers = await runPython<Answers>('judge-messages.py', {
      pipeline: manifestOf([pipeline]).pipelines[0],
      schemas: { 1: avroSchemaOf(pipeline) },
      messages: landing.map(({ record, offset }) => message(record, offset)),
      nowMicros: sentMs * 1000,
    });
  }, pythonMs);

  it.each(landing)('is judged as it says: $says', ({ broken, offset }) => {
    const reason = answers.verdicts.find((row) => row.offset === offset)?.verdict?.reason;
    expect(reason).toBe(broken === null ? undefined : `quality:${broken}`);
  });

  it.each(landing)('is a row of every table when it is good, and else of none: $says', ({ record, broken, offset }) => {
    for (const name of Object.keys(pipeline.tables)) {
      const rows = answers.tables[name]?.filter((row) => row.offset === offset);
      if (broken === null) expect(rows).toMatchObject([rowOf(pipeline, name, record)]);
      else expect(rows).toEqual([]);
    }
  });
});

/** What is known of a row without Spark, as JSON: its key and its fields, and nothing for null. */
function rowOf(pipeline: Definition, name: string, record: PipelineRecord): object {
  const table = pipeline.tables[name] ?? { partition: [] };
  const known: Record<string, RecordValue> = { ...keyOf(table, record), ...record };
  const columns = columnsOf(pipeline, table).filter((column) => (known[column.name] ?? null) !== null);
  return Object.fromEntries(
    columns.map(({ name, type, element }) => {
      const value = known[name];
      const toJson = (one: unknown) => jsonOf(element ?? type, one);
      return [name, Array.isArray(value) ? value.map(toJson) : toJson(value)];
    }),
  );
}

function jsonOf(type: string, value: unknown): unknown {
  if (type === 'decimal') return Number(value);
  return type === 'timestamp' ? new Date(Number(value)).toISOString() : value;
}
