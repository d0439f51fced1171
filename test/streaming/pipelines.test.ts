import { describe, expect, it } from 'vitest';
import { pipelineFolder, readHistory } from '../../local/history-files.ts';
import { avroSchemaOf, incompatibility } from '../../streaming/avro.ts';
import { tableCqlOf } from '../../streaming/cql.ts';
import { brokenPromises, gains } from '../../streaming/history.ts';
import { auditTopicOf, avroNameOf, keyspace, subjectOf, topicOf } from '../../streaming/names.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { projectorOf } from '../../streaming/projection.ts';
import { examplesOf, root } from './examples.ts';

/** What every definition must be, whoever wrote it. A new one is covered by being in the list of pipelines. */

const definitions = pipelines.map((pipeline) => {
  const history = readHistory(pipelineFolder(root, pipeline));
  return { name: pipeline.name, pipeline, history, examples: examplesOf(pipeline) };
});

describe.each(definitions)('The definition $name', ({ pipeline, history, examples }) => {
  const wayOut = `schemas/${history.schemas.length + 1}.avsc is missing beside it: npm run definitions -- --keep`;

  it('has kept every version of its schema beside it, the newest as it is now', () => {
    expect(history.schemas.at(-1), wayOut).toEqual(avroSchemaOf(pipeline));
    expect(gains(pipeline, history), 'keep them: npm run definitions -- --keep').toEqual([]);
  });

  it('keeps what it has promised: keys, columns, and schemas that read each other', () => {
    expect(brokenPromises(pipeline, history)).toEqual([]);
    const pairs = history.schemas.flatMap((a, index) => history.schemas.slice(index + 1).map((b) => [a, b] as const));
    expect(pairs.map(([a, b]) => incompatibility(a, b)).filter(Boolean)).toEqual([]);
  });

  it('has examples of good records, of one that each rule breaks, and of records that are refused', () => {
    const broken = examples.map((example) => ('record' in example ? example.broken : 'refused'));
    expect([...new Set(broken)]).toEqual(
      expect.arrayContaining([null, ...Object.keys(pipeline.quality ?? {}), 'refused']),
    );
  });

  it.each(examples)('makes of an example what it should: $says', ({ raw, ...example }) => {
    const projected = projectorOf(pipeline)(raw);
    if ('record' in example) expect(projected).toEqual({ ok: true, record: example.record });
    else expect(projected).toMatchObject({ ok: false, ...example.refused });
  });

  it('has names that every store takes', () => {
    for (const topic of [topicOf(pipeline), auditTopicOf(pipeline)]) expect(topic).toMatch(/^[a-zA-Z0-9._-]{1,249}$/);
    expect(subjectOf(pipeline)).toMatch(/^[a-zA-Z0-9._$#-]{1,255}$/);
    expect(avroNameOf(pipeline)).toMatch(/^[A-Za-z_]\w*$/);
    for (const name of [keyspace, ...Object.keys(pipeline.tables)]) expect(name).toMatch(/^[a-zA-Z]\w{1,47}$/);
  });

  it.each(Object.keys(pipeline.tables))('makes table %s of nothing but what Keyspaces knows', (table) => {
    expect(tableCqlOf(pipeline, table)).toMatch(keyspacesTable);
  });
});

describe('All definitions', () => {
  it.each([
    [
      'topics, also where Kafka writes a dot as an underscore',
      (name: string) => topicOf({ name }).replaceAll('.', '_'),
    ],
    ['records', (name: string) => avroNameOf({ name })],
  ])('have different names of %s', (_, nameOf) => {
    expect(new Set(pipelines.map(({ name }) => nameOf(name))).size).toBe(pipelines.length);
  });
});

const scalar = '(?:uuid|text|int|bigint|double|boolean|timestamp|decimal)';
/** No index, no view, no option but the order; of collections only frozen ones, which are written whole. */
const keyspacesTable = new RegExp(
  [
    String.raw`^CREATE TABLE IF NOT EXISTS \w+\.\w+ \(\n`,
    String.raw`(?:  [a-z]\w* (?:${scalar}|frozen<list<${scalar}>>),\n)+`,
    String.raw`  PRIMARY KEY \(\(\w+(?:, \w+)*\)(?:, \w+)*\)\n\)`,
    String.raw`(?: WITH CLUSTERING ORDER BY \(\w+ (?:ASC|DESC)(?:, \w+ (?:ASC|DESC))*\))?$`,
  ].join(''),
);
