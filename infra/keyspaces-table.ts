import { shapeOf } from '../streaming/cql.ts';
import type { Definition } from '../streaming/definition.ts';
import { checkedSecondsOf } from '../streaming/duration.ts';
import { longestRecordBytes } from '../streaming/fields.ts';

/** Names of keyspaces, tables and columns. */
const name = /^[a-zA-Z0-9][a-zA-Z0-9_]{1,47}$/;
/** Columns beside the key that one write with a time to live may set. */
const mostColumns = 166;
const mostRowBytes = 1_048_576;
/** 20 years. */
const mostTtlSeconds = 630_720_000;
/** Name, write time and time to live that are kept with a value. */
const bytesBesideValue = 60;

/** Why Keyspaces would not take a table; nothing when it does. How long keys may be is checked with every definition. */
export function tableProblems(pipeline: Definition, table: string): readonly string[] {
  const { partition, cluster, others } = shapeOf(pipeline, table);
  const columns = [...partition, ...cluster, ...others];
  const ttl = checkedSecondsOf(pipeline.keep.tables);
  const bytes = longestRowOf(pipeline, table, columns.length);
  const expected = (what: string, got: string | number) => `${table}: expected ${what}, got ${got}`;
  return [
    ...[table, ...columns.map((column) => column.name)]
      .filter((each) => !name.test(each))
      .map((each) => expected(`names like ${name.source}`, each)),
    ...[...partition, ...cluster]
      .filter(({ type }) => type.includes('<'))
      .map((column) => expected('scalars in the key', `${column.name} ${column.type}`)),
    ...says(others.length > mostColumns, expected(`${mostColumns} columns beside the key at most`, others.length)),
    ...says(bytes > mostRowBytes, expected('rows of 1 MB at most', `${bytes} bytes`)),
    ...says(ttl > mostTtlSeconds, expected(`a time to live of 20 years at most`, pipeline.keep.tables)),
  ];
}

const says = (isWrong: boolean, problem: string) => (isWrong ? [problem] : []);

/** All fields together hold no more than one record does; each computed column may say all of it again. */
function longestRowOf({ tables }: Definition, table: string, columns: number): number {
  const computed = Object.keys(tables[table]?.columns ?? {}).length;
  return (1 + computed) * longestRecordBytes + columns * bytesBesideValue;
}
