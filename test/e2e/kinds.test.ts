import cassandra from 'cassandra-driver';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTables, type Tables } from '../../functions/adapters/cassandra/tables.ts';
import { tableAddress } from '../../local/start/secrets.ts';
import { avroSchemaOf } from '../../streaming/avro.ts';
import { cqlTypeOf, tableCqlOf } from '../../streaming/cql.ts';
import type { PipelineRecord } from '../../streaming/definition.ts';
import { manifestOf } from '../../streaming/manifest.ts';
import { keyspace } from '../../streaming/names.ts';
import { columnsOf } from '../../streaming/tables.ts';
import { messageMaker } from '../streaming/job/messages.ts';
import { runPython } from '../streaming/job/python.ts';
import { kinds, landed } from '../streaming/kinds.ts';
import { openPath, type Path } from './path.ts';

const id = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;
const records: readonly PipelineRecord[] = [
  { ...landed, thing_id: id(1) },
  { ...landed, thing_id: id(2), note: null, cost: null, maybe_texts: null },
  { ...landed, thing_id: id(3), texts: [], ids: [], prices: [], tags: [], price: '-9999999.99', stars: 0 },
];

let path: Path;
let tables: Tables;

beforeAll(async () => {
  path = await openPath();
  tables = openTables({ ...tableAddress(path.platform.ports), ...path.credentials.cassandra.admin });
  await tables.execute(tableCqlOf(kinds, 'things'));
  await write();
}, 600_000);

afterAll(async () => {
  await tables.execute(`DROP TABLE IF EXISTS ${keyspace}.things`);
  await Promise.all([tables.close(), path.close()]);
});

it('A table of every kind of column has the types that its definition asks for', async () => {
  const wanted = columnsOf(kinds, kinds.tables['things'] ?? { partition: [] });
  expect(await tables.columns('things')).toEqual(new Map(wanted.map((column) => [column.name, cqlTypeOf(column)])));
});

it.each(records)(
  'A record of every kind of field is in its table as it landed, written twice: $thing_id',
  async (record) => {
    const { rows } = await path.tables.execute(`SELECT * FROM things WHERE thing_id = ${record['thing_id']}`);
    expect(rows).toHaveLength(1);
    const fields = Object.keys(kinds.record).map((name) => [name, inRecord(rows[0]?.[name])]);
    expect(Object.fromEntries(fields)).toEqual(expected(record));
  },
);

/** Writes the records by the code of the stream, twice. */
async function write(): Promise<void> {
  const { host, port } = tableAddress(path.platform.ports);
  const { user, password } = path.credentials.cassandra.admin;
  const sentMs = Date.now();
  const message = messageMaker(kinds, 7, sentMs);
  const answer = await runPython('write-tables.py', {
    pipeline: manifestOf([kinds]).pipelines[0],
    keyspace,
    schemas: { 7: avroSchemaOf(kinds) },
    messages: records.map((record, offset) => message(record, offset)),
    nowMicros: sentMs * 1000,
    settings: {
      'spark.cassandra.connection.host': host,
      'spark.cassandra.connection.port': String(port),
      'spark.cassandra.auth.username': user,
      'spark.cassandra.auth.password': password,
    },
  });
  expect(answer).toEqual({ good: records.length });
}

/** A value of Cassandra's client as a record holds it; a decimal as itself, because its scale counts too. */
function inRecord(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inRecord);
  if (value instanceof Date) return value.getTime();
  if (value instanceof cassandra.types.Uuid) return value.toString();
  return typeof value === 'bigint' ? Number(value) : value;
}

function expected(record: PipelineRecord): object {
  const values = Object.entries(kinds.record).map(([name, field]) => {
    const isDecimal = (field.element ?? field).type === 'decimal';
    const toDecimal = (text: unknown) => (isDecimal ? cassandra.types.BigDecimal.fromString(String(text)) : text);
    const value = record[name];
    return [name, Array.isArray(value) ? value.map(toDecimal) : value === null ? null : toDecimal(value)];
  });
  return Object.fromEntries(values);
}
