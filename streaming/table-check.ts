import type { Definition, TableDefinition } from './definition.ts';
import { checkKeys, type Say } from './mistakes.ts';
import { clusteringOf, isBucket, keyNamesOf } from './tables.ts';

/** Rows of one batch that Keyspaces still takes, with room to spare. */
const mostBatchRows = 25;

/** Bytes that Keyspaces takes, at most, for the partition key and for the clustering columns together. */
const mostKeyBytes = { partition: 2048, cluster: 850 } as const;

/** Checks a table's key and its write settings; its columns have been checked before. */
export function checkTable(say: Say, where: string, definition: Definition, table: TableDefinition): void {
  checkKeys(say, where, table, ['partition'], ['cluster', 'only', 'columns', 'records', 'write']);
  if (table.partition.length === 0) say(`${where}.partition`, 'at least one column', 'none');
  checkKeyColumns(say, where, definition, table);
  checkIdentity(say, where, definition, table);
  checkKeyBytes(say, where, definition, 'partition', table.partition);
  checkKeyBytes(
    say,
    where,
    definition,
    'cluster',
    clusteringOf(table).map(({ name }) => name),
  );
  checkWrite(say, where, table);
}

function checkKeyColumns(say: Say, where: string, definition: Definition, table: TableDefinition): void {
  const names = keyNamesOf(table);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice) say(`${where}: key`, 'every column once', `${twice} twice`);
  for (const name of names) {
    const column = table.columns?.[name];
    if (column === undefined) checkKeyField(say, where, definition, table, name);
    else if (!isBucket(column)) {
      say(`${where}: key`, 'fields and buckets, which can be computed outside Spark too', `the expression ${name}`);
    }
  }
}

function checkKeyField(say: Say, where: string, { record }: Definition, table: TableDefinition, name: string): void {
  const field = table.only?.includes(name) === false ? undefined : record[name];
  if (field === undefined) say(`${where}: key`, "one of the table's columns", name);
  if (field?.isNullable) say(`${where}: key`, 'columns that are always there', `the nullable ${name}`);
  if (field?.type === 'list' || field?.type === 'decimal') {
    say(`${where}: key`, 'scalars that are compared byte by byte, such as text or long', `${name}, a ${field.type}`);
  }
}

/** One key too long fails its whole batch, and again whenever the batch comes back. Only texts can be so long. */
function checkKeyBytes(
  say: Say,
  where: string,
  { record }: Definition,
  part: keyof typeof mostKeyBytes,
  names: readonly string[],
): void {
  const otherBytes = 16;
  const bytes = names.map((name) => (record[name]?.type === 'text' ? record[name].maxBytes : otherBytes));
  const sum = bytes.reduce((total, each) => total + each, 0);
  const most = mostKeyBytes[part];
  if (sum <= most) return;
  const longest = names[bytes.indexOf(Math.max(...bytes))];
  say(`${where}.${part}`, `at most ${most} bytes, as Keyspaces takes: give ${longest} a .max(...)`, `${sum} bytes`);
}

/**
 * A key that holds more than identity and version would leave the row of an older version behind when that field
 * changes; only records that never change may do so.
 */
function checkIdentity(say: Say, where: string, { record, version }: Definition, table: TableDefinition): void {
  const key = keyNamesOf(table);
  const identity = Object.keys(record).filter((name) => record[name]?.isKey);
  const missing = identity.find((name) => !key.includes(name));
  if (missing)
    say(`${where}: key`, `the record's key ${missing}, or rows of different records would be one`, key.join(', '));
  const fixed = new Set([...identity, version?.field]);
  const changeable = key.find((name) => {
    const column = table.columns?.[name];
    return !fixed.has(column !== undefined && isBucket(column) ? column.of : name);
  });
  if (changeable && table.records !== 'immutable') {
    say(
      `${where}: key`,
      `only identity and version, or records: 'immutable' when ${changeable} never changes`,
      key.join(', '),
    );
  }
}

function checkWrite(say: Say, where: string, { write }: TableDefinition): void {
  if (write === undefined) return;
  checkKeys(say, `${where}.write`, write, ['grouping', 'rows', 'concurrent']);
  if (!(write.rows >= 1 && write.rows <= mostBatchRows)) {
    say(`${where}.write.rows`, `1 to ${mostBatchRows} (Keyspaces refuses more than 30)`, write.rows);
  }
}
