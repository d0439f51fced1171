import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from 'cassandra-driver';
import { describe, expect, it } from 'vitest';
import { erasableTable } from '../../functions/adapters/cassandra/erasing.ts';
import { presenceIn } from '../../functions/adapters/cassandra/presence.ts';
import { tableGrants } from '../../functions/adapters/cassandra/rights.ts';
import { rowsOf } from '../../functions/adapters/cassandra/rows.ts';
import { cqlRules, mostBatchStatements, refusalsOf } from '../../infra/keyspaces-cql.ts';
import { planQuery } from '../../local/commands/query-plan.ts';
import { addColumnCql, fenceCqlOf, keyspaceCql, shapeOf, tableCqlOf } from '../../streaming/cql.ts';
import type { Definition } from '../../streaming/definition.ts';
import { manifestOf } from '../../streaming/manifest.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { columnsOf } from '../../streaming/tables.ts';
import { kinds } from '../streaming/kinds.ts';

const root = path.join(import.meta.dirname, '..', '..');
const definitions: readonly Definition[] = [...pipelines, kinds];

/** Every table of every definition. */
const tables = definitions.flatMap((pipeline) => Object.keys(pipeline.tables).map((name) => ({ pipeline, name })));

/** A row as the Spark connector writes it. */
function upsertOf(pipeline: Definition, name: string): string {
  const { partition, cluster, others } = shapeOf(pipeline, name);
  const columns = [...partition, ...cluster, ...others].map((column) => `"${column.name}"`);
  const values = columns.map((column) => `:${column}`);
  return `INSERT INTO "millrace"."${name}" (${columns.join(', ')}) VALUES (${values.join(', ')}) USING TTL :"t" AND TIMESTAMP :"v"`;
}

/** A whole batch of rows. */
function batchOf(pipeline: Definition, name: string): string {
  const [manifest] = manifestOf([pipeline]).pipelines;
  const rows = manifest?.tables.find((table) => table.name === name)?.write.rows ?? 0;
  return `BEGIN UNLOGGED BATCH ${`${upsertOf(pipeline, name)}; `.repeat(rows)}APPLY BATCH`;
}

/** What the reader asks to see whether a record is in a table, and whether many are. */
function presenceCql(pipeline: Definition, name: string): readonly string[] {
  const asked: string[] = [];
  const client = {
    execute: async (cql: string) => {
      asked.push(cql);
      return { rows: [] };
    },
  };
  const key = Object.fromEntries(Object.keys(pipeline.record).map((field) => [field, 0]));
  const { of, together } = presenceIn(client as unknown as Client, pipeline, name);
  void of([{ version: 0, key }]);
  const rows = Array.from({ length: 200 }, () => ({ version: 0, key }));
  void of((together(rows)[0] ?? []).flatMap((index) => rows[index] ?? []));
  return asked;
}

/** What erase says to find the rows of a key, to go through a table, and to remove a row as of this minute. */
function eraseCql(pipeline: Definition, name: string): readonly string[] {
  const asked: string[] = [];
  const client = {
    execute: async (cql: string, [micros]: readonly unknown[]) => {
      asked.push(cql.replace('TIMESTAMP ?', `TIMESTAMP ${micros}`));
      return { rows: [] };
    },
  };
  const table = erasableTable(client as unknown as Client, pipeline, name);
  if (table.isByKey) void table.rowsOf('0');
  void table.scan(null);
  void table.remove([{ key: '0', at: [] }], Date.now() * 1000);
  return asked;
}

function readCql(pipeline: Definition, name: string): string {
  const given = Object.fromEntries((pipeline.tables[name]?.partition ?? []).map((column) => [column, 'x']));
  return planQuery(pipeline, name, given, new Date()).cql;
}

/** What is asked of a table to see whether it is filled. */
function rowsCql(pipeline: Definition, name: string): string {
  let asked = '';
  const client = {
    execute: async (cql: string) => {
      asked = cql;
      return { rows: [] };
    },
  };
  void rowsOf(client as unknown as Client, pipeline).written(name);
  return asked;
}

/** Statements that are put together, by the file that does it; the other ones are found where they are written. */
const composed: Readonly<Record<string, () => readonly string[]>> = {
  'streaming/cql.ts': () =>
    tables.flatMap(({ pipeline, name }) => [
      tableCqlOf(pipeline, name),
      ...columnsOf(pipeline, pipeline.tables[name] ?? { partition: [] }).map((column) => addColumnCql(name, column)),
    ]),
  'streaming/job/tables.py': () =>
    tables.flatMap(({ pipeline, name }) => [upsertOf(pipeline, name), batchOf(pipeline, name)]),
  'functions/adapters/cassandra/presence.ts': () => tables.flatMap(({ pipeline, name }) => presenceCql(pipeline, name)),
  'functions/adapters/cassandra/erasing.ts': () => tables.flatMap(({ pipeline, name }) => eraseCql(pipeline, name)),
  'functions/adapters/cassandra/rows.ts': () => tables.map(({ pipeline, name }) => rowsCql(pipeline, name)),
  'local/commands/query-plan.ts': () => tables.map(({ pipeline, name }) => readCql(pipeline, name)),
};

/** Statements that never reach AWS, each with the rule that would refuse it there, and what stands in for it. */
const onlyHere: readonly (readonly [file: string, rule: string, instead: string, statements: readonly string[]])[] = [
  ['streaming/cql.ts', 'replication', 'CloudFormation makes the keyspace', [keyspaceCql()]],
  ['streaming/cql.ts', 'write time', 'managed tables are durable when they acknowledge', definitions.map(fenceCqlOf)],
  ['functions/adapters/cassandra/rights.ts', 'roles', 'IAM policies say who may do what', tableGrants()],
  [
    'local/services/cassandra.ts',
    'roles',
    'callers sign with their IAM role',
    [
      "CREATE ROLE IF NOT EXISTS x WITH PASSWORD = 'y' AND LOGIN = true",
      'ALTER ROLE cassandra WITH SUPERUSER = false AND LOGIN = false',
      'GRANT CREATE ON ALL KEYSPACES TO x',
    ],
  ],
];

/** Files that put together a statement only to quote it in an error. */
const quoting = ['functions/adapters/cassandra/keyspaces.ts', 'local/airflow/database.ts'];

/** PostgreSQL is asked in the same words. */
const isOfCassandra = (file: string) => !/postgres|migrations|pipelines\//.test(file);

const statement =
  /(['"`])((?:SELECT|INSERT INTO|UPDATE|DELETE|CREATE|ALTER|DROP|GRANT|REVOKE|TRUNCATE|BEGIN|DESCRIBE) [A-Za-z$*(][^\n]*?)\1[,;)\n]/g;

/** Every statement that is written in a source file. */
const written = ['functions', 'local', 'streaming'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|py)$/.test(file))
    .map((file) => path.join(folder, file))
    .filter(isOfCassandra)
    .flatMap((file) =>
      [...`${readFileSync(path.join(root, file), 'utf8')}\n`.matchAll(statement)].map((match) => ({
        file,
        cql: match[2] ?? '',
      })),
    ),
);

describe('CQL on Keyspaces', () => {
  it.each(cqlRules.map((rule) => [rule.name, rule.reason, rule.example] as const))(
    '%s is refused: %s',
    (name, _, example) => {
      expect(refusalsOf(example).map((refusal) => refusal.name)).toEqual([name]);
    },
  );

  it('refuses the same in small letters, over several lines and behind a comment', () => {
    expect(refusalsOf('-- all of it\ntruncate\n  millrace.users;').map(({ name }) => name)).toEqual(['truncate']);
  });

  it.each([
    ['ten values of each', 10, []],
    ['eleven values of each', 11, ['in']],
  ])('counts what two INs combine to: %s', (_, count, refused) => {
    const values = Array(count).fill('?').join(', ');
    const cql = `SELECT c FROM users WHERE a = ? AND b IN (${values}) AND c IN (${values})`;
    expect(refusalsOf(cql).map(({ name }) => name)).toEqual(refused);
  });

  it.each([
    ['a write of this minute', `DELETE FROM users USING TIMESTAMP ${Date.now() * 1000} WHERE user_id = ?`],
    ['a word within a text', "INSERT INTO users (name) VALUES ('x allow filtering')"],
    [
      'a batch that is just full',
      `BEGIN UNLOGGED BATCH ${'DELETE FROM users WHERE a = 1; '.repeat(mostBatchStatements)}APPLY BATCH`,
    ],
    [
      'a table with what it has',
      "CREATE TABLE k.tt (a int PRIMARY KEY, b frozen<map<text, int>>) WITH default_time_to_live = 1 AND custom_properties = {'a': 'b'}",
    ],
  ])('takes %s', (_, cql) => {
    expect(refusalsOf(cql)).toEqual([]);
  });

  it.each(Object.entries(composed))('takes every statement that %s puts together', (_, statements) => {
    const all = statements();
    expect(all.length).toBeGreaterThanOrEqual(tables.length);
    expect(all.filter((cql) => !/^(SELECT|INSERT|DELETE|CREATE|ALTER|BEGIN) /.test(cql))).toEqual([]);
    expect(all.flatMap((cql) => refusalsOf(cql).map((refusal) => ({ cql, ...refusal })))).toEqual([]);
  });

  it.each(onlyHere)('leaves what %s says on this machine (%s: %s)', (_file, rule, _instead, statements) => {
    expect(statements.length).toBeGreaterThan(0);
    for (const cql of statements) expect(refusalsOf(cql).map(({ name }) => name)).toEqual([rule]);
  });

  it('takes every statement that is written in a source file, or knows where it stays', () => {
    const local = new Set(onlyHere.map(([file]) => file));
    const whole = written.filter(({ cql, file }) => !cql.includes('${') && !local.has(file));
    expect(whole.map(({ cql }) => cql)).toContainEqual(expect.stringContaining('system_schema.columns'));
    expect(whole.flatMap(({ cql, file }) => refusalsOf(cql).map((refusal) => ({ file, cql, ...refusal })))).toEqual([]);
  });

  it('knows every file that puts statements together', () => {
    const files = new Set(written.filter(({ cql }) => cql.includes('${')).map(({ file }) => file));
    const known = new Set([...Object.keys(composed), ...onlyHere.map(([file]) => file), ...quoting]);
    expect([...files].filter((file) => !known.has(file))).toEqual([]);
  });
});
