import { bucketsBackFrom } from '../../streaming/buckets.ts';
import type { Definition, TableDefinition } from '../../streaming/definition.ts';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import type { Bucket } from '../../streaming/fields.ts';
import { columnsOf, isBucket } from '../../streaming/tables.ts';

export interface TableQuery {
  readonly cql: string;
  /** One list of parameters per partition to ask, in the order they are to be asked. */
  readonly partitions: Iterable<readonly unknown[]>;
}

/** How far back partitions by time are looked for when none is named, and nothing bounds them. */
const oldestMs = Date.UTC(2000, 0, 1);

/**
 * How to read a table by its partition key: named columns must be given; a bucket of time that is not given is walked
 * from the newest back. Never a scan: what the key cannot answer is refused with the columns it needs.
 */
export function planQuery(
  pipeline: Definition,
  name: string,
  given: Readonly<Record<string, string>>,
  now: Date,
): TableQuery {
  const table = pipeline.tables[name] as TableDefinition;
  const isTime = (column: string) => {
    const computed = table.columns?.[column];
    return computed !== undefined && isBucket(computed);
  };
  const missing = table.partition.filter((column) => given[column] === undefined && !isTime(column));
  if (missing.length > 0) {
    throw new RangeError(
      `${name} is read by ${table.partition.join(', ')}: missing ${missing.map((column) => `--${column}`).join(', ')}`,
    );
  }
  const unknown = Object.keys(given).filter((column) => !table.partition.includes(column));
  if (unknown.length > 0) {
    throw new RangeError(`${name} is read by ${table.partition.join(', ')} only, got --${unknown.join(', --')}`);
  }
  const columns = columnsOf(pipeline, table).map((column) => column.name);
  const where = table.partition.map((column) => `${column} = ?`).join(' AND ');
  return {
    cql: `SELECT ${columns.join(', ')} FROM ${name} WHERE ${where} LIMIT ?`,
    partitions: partitionsOf(pipeline, table, given, now),
  };
}

function* partitionsOf(
  pipeline: Definition,
  table: TableDefinition,
  given: Readonly<Record<string, string>>,
  now: Date,
): Generator<readonly unknown[]> {
  const open = table.partition.find((column) => given[column] === undefined);
  const computed = open === undefined ? undefined : table.columns?.[open];
  if (open === undefined || computed === undefined || !isBucket(computed)) {
    yield table.partition.map((column) => given[column]);
    return;
  }
  for (const bucket of bucketsBackFrom(computed.bucket, now.getTime(), oldestOf(pipeline, computed, now))) {
    yield table.partition.map((column) => (column === open ? bucket : given[column]));
  }
}

/** A row lives for so long after its version: a bucket of versions holds nothing older. */
function oldestOf({ version, keep }: Definition, { of }: Bucket, now: Date): number {
  return of === version?.field ? now.getTime() - checkedSecondsOf(keep.tables) * 1000 : oldestMs;
}
