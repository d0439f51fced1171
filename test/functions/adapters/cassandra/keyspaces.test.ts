import type { types } from 'cassandra-driver';
import { describe, expect, it } from 'vitest';
import { foundTables } from '../../../../functions/adapters/cassandra/keyspaces.ts';
import { readyTables } from '../../../../functions/prepare/tables.ts';
import { cqlTypeOf } from '../../../../streaming/cql.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';
import { columnsOf } from '../../../../streaming/tables.ts';
import { emptyStores } from '../../prepare/fakes.ts';

type Row = Readonly<Record<string, string>>;

/** A server that answers from its system tables, as Keyspaces does; `asked` holds every statement. */
function server(given: { partitioner?: string; keyspaces?: string[]; columns?: Readonly<Record<string, Row>> }) {
  const asked: string[] = [];
  const rows = (cql: string, values: readonly unknown[]): readonly Row[] => {
    if (cql.includes('system.local'))
      return [{ partitioner: given.partitioner ?? 'org.apache.cassandra.dht.Murmur3Partitioner' }];
    if (cql.includes('system_schema.keyspaces'))
      return (given.keyspaces ?? ['millrace']).map((name) => ({ keyspace_name: name }));
    const columns = given.columns?.[String(values[1])] ?? {};
    return Object.entries(columns).map(([column_name, type]) => ({ column_name, type }));
  };
  const execute = async (cql: string, values: readonly unknown[] = []) => {
    asked.push(cql);
    const found = rows(cql, values).map((row) => ({ get: (name: string) => row[name] }));
    return { rows: found, rowLength: found.length } as unknown as types.ResultSet;
  };
  const client = { execute, shutdown: async () => undefined };
  return { tables: foundTables(client as unknown as Parameters<typeof foundTables>[0]), asked };
}

const asDefined = () =>
  Object.fromEntries(
    Object.entries(randomUsers.tables).map(([name, table]) => [
      name,
      Object.fromEntries(columnsOf(randomUsers, table).map((column) => [column.name, cqlTypeOf(column)])),
    ]),
  );
const ready = ({ tables }: ReturnType<typeof server>) =>
  readyTables(randomUsers, tables, emptyStores().ports.groundwork);

describe('Keyspaces', () => {
  it('is content with a keyspace that is there, under the partitioner that Spark knows', async () => {
    await expect(server({}).tables.readyKeyspace()).resolves.toBeUndefined();
  });

  it('says how to change the partitioner of the account', async () => {
    const other = server({ partitioner: 'com.amazonaws.cassandra.DefaultPartitioner' });
    await expect(other.tables.readyKeyspace()).rejects.toMatchObject({
      ...{ code: 'table_unavailable', at: 'table', retriable: false },
      message: expect.stringMatching(
        /expected the partitioner org\S+Murmur3Partitioner, got com\.amazonaws\.cassandra\.DefaultPartitioner; .*UPDATE system\.local SET partitioner = 'org\.apache\.cassandra\.dht\.Murmur3Partitioner' WHERE key = 'local';/,
      ),
    });
  });

  it('is refused without the keyspace', async () => {
    await expect(server({ keyspaces: [] }).tables.readyKeyspace()).rejects.toThrow(
      /lacks: CREATE KEYSPACE millrace.*stack `table`/,
    );
  });

  it('is content with tables as they are defined', async () => {
    expect(await ready(server({ columns: asDefined() }))).toEqual({ tables: [], columns: [] });
  });

  it('is refused without a table', async () => {
    const { users: _, ...others } = asDefined();
    await expect(ready(server({ columns: others }))).rejects.toThrow(
      /lacks: CREATE TABLE IF NOT EXISTS millrace\.users /,
    );
  });

  it('is refused without a column', async () => {
    const columns = asDefined();
    delete columns['users']?.['email'];
    await expect(ready(server({ columns }))).rejects.toThrow(
      /lacks: ALTER TABLE millrace\.users ADD email text; the stack/,
    );
  });

  it('is refused with a column of another type', async () => {
    const columns = asDefined();
    Object.assign(columns['users'] ?? {}, { email: 'int' });
    await expect(ready(server({ columns }))).rejects.toMatchObject({ code: 'column_changed' });
  });

  it('is only ever asked', async () => {
    const found = server({ columns: asDefined() });
    await found.tables.readyKeyspace();
    await ready(found);
    expect(found.asked.filter((cql) => !cql.startsWith('SELECT'))).toEqual([]);
  });
});
