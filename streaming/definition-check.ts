import type { Definition, TableDefinition } from './definition.ts';
import { secondsOf } from './duration.ts';
import { checkColumnType, checkField } from './field-check.ts';
import type { Bucket, Field } from './fields.ts';
import { checkKeys, checkName, type Say, sayFor } from './mistakes.ts';
import { stepMs } from './schedule.ts';
import { sqlProblem } from './sql-check.ts';
import { checkTable } from './table-check.ts';
import { maxRecordsPerRun } from './version.ts';

/** Stops at the first mistake of a definition, with the path to it, what was expected and what was found. */
export function checkDefinition(definition: Definition): void {
  const say = sayFor(definition);
  checkKeys(say, '', definition, ['name', 'schedule', 'source', 'record', 'tables', 'keep'], ['version', 'quality']);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(definition.name) || definition.name.length > 40) {
    say('name', 'lower-case words joined by hyphens, at most 40 characters', definition.name);
  }
  checkSchedule(say, definition);
  checkSource(say, definition);
  checkRecord(say, definition);
  checkQuality(say, definition);
  checkTables(say, definition);
  checkKeep(say, definition);
}

function checkSchedule(say: Say, { schedule, source }: Definition): void {
  checkKeys(say, 'schedule', schedule, ['every', 'records']);
  const most = maxRecordsPerRun(stepMs(schedule.every));
  if (!Number.isInteger(schedule.records) || schedule.records < 1 || schedule.records > most) {
    say('schedule.records', `a whole number from 1 to ${most}`, schedule.records);
  }
  if (!Number.isInteger(source.maxPage) || source.maxPage < 1) {
    say('source.maxPage', 'a whole number of at least 1', source.maxPage);
  }
}

function checkSource(say: Say, { source }: Definition): void {
  checkKeys(
    say,
    'source',
    source,
    ['kind', 'url', 'query', 'records', 'maxPage'],
    ['paging', 'quota', 'empty', 'replayable'],
  );
  if (!URL.canParse(source.url) || new URL(source.url).protocol !== 'https:') {
    say('source.url', 'an https address', source.url);
  }
  if (!['pages', 'window', 'whole', undefined].includes(source.paging)) {
    say('source.paging', 'pages, window or whole', source.paging);
  }
  if (![false, undefined].includes(source.replayable)) {
    say('source.replayable', 'false, or nothing where it is', source.replayable);
  }
  if (source.quota === undefined) return;
  checkKeys(say, 'source.quota', source.quota, ['records', 'per']);
  if (secondsOf(source.quota.per) === undefined) say('source.quota.per', 'a time such as 5m', source.quota.per);
}

function checkRecord(say: Say, { record, version }: Definition): void {
  const fields = Object.entries(record);
  for (const [name, field] of fields) {
    checkName(say, `record.${name}`, name);
    if (field.piiClass === undefined) say(`record.${name}`, ".pii('direct' | 'quasi' | 'none')", 'no PII class');
    checkField(say, `record.${name}`, field);
  }
  const keys = fields.filter(([, field]) => field.isKey);
  if (keys.length !== 1) say('record', 'one field with .key()', `${keys.length} of them`);
  if (version === undefined) return;
  if (record[version.field]?.type !== 'timestamp') say('version', 'a timestamp field of the record', version.field);
}

function checkQuality(say: Say, { record, quality = {} }: Definition): void {
  for (const [name, sql] of Object.entries(quality)) {
    checkName(say, `quality.${name}`, name);
    const problem = sqlProblem(sql, new Set(Object.keys(record)));
    if (problem) say(`quality.${name}`, 'Spark SQL over the record', `${problem} in: ${sql}`);
  }
}

function checkTables(say: Say, definition: Definition): void {
  const tables = Object.entries(definition.tables);
  if (tables.length === 0) say('tables', 'at least one table', 'none');
  for (const [name, table] of tables) {
    checkName(say, `tables.${name}`, name);
    checkColumns(say, `tables.${name}`, definition, table);
    checkTable(say, `tables.${name}`, definition, table);
  }
}

function checkColumns(say: Say, where: string, { record }: Definition, table: TableDefinition): void {
  const fields = new Set(Object.keys(record));
  for (const name of table.only ?? []) {
    if (!fields.has(name)) say(`${where}.only`, `fields of the record (${[...fields].join(', ')})`, name);
  }
  for (const [name, column] of Object.entries(table.columns ?? {})) {
    checkName(say, `${where}.columns.${name}`, name);
    if (fields.has(name)) say(`${where}.columns.${name}`, 'a name that no field of the record has', name);
    checkColumn(say, `${where}.columns.${name}`, record, column);
  }
}

function checkColumn(say: Say, where: string, record: Definition['record'], column: Field | Bucket): void {
  if ('bucket' in column) {
    if (record[column.of]?.type !== 'timestamp') say(where, 'a bucket of a timestamp field of the record', column.of);
    return;
  }
  checkColumnType(say, where, column);
  const problem = sqlProblem(column.from, new Set(Object.keys(record)));
  if (problem) say(where, 'Spark SQL over the record', `${problem} in: ${column.from}`);
}

function checkKeep(say: Say, { keep }: Definition): void {
  checkKeys(say, 'keep', keep, ['landing', 'topic', 'tables']);
  for (const [store, time] of Object.entries(keep)) {
    const seconds = secondsOf(time);
    if (seconds === undefined || seconds % 86_400 !== 0) say(`keep.${store}`, 'whole days such as 7d', time);
  }
}

/** A table's name is its place in the keyspace, which all pipelines share. */
export function checkTablesApart(definitions: readonly Definition[]): void {
  const owners = new Map<string, string>();
  for (const definition of definitions) {
    for (const table of Object.keys(definition.tables)) {
      const owner = owners.get(table);
      if (owner !== undefined) sayFor(definition)(`tables.${table}`, 'a table name used once', `one that ${owner} has`);
      owners.set(table, definition.name);
    }
  }
}
