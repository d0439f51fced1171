import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { foundTables } from '../../functions/adapters/cassandra/keyspaces.ts';
import { openTables, type Tables } from '../../functions/adapters/cassandra/tables.ts';
import { tableAddress } from '../../local/start/secrets.ts';
import { keyspace } from '../../streaming/names.ts';
import { openPath } from '../e2e/path.ts';
import { type Adapter, type Cases, contract } from './contract.ts';

interface TableUnderTest {
  readonly tables: Tables;
  /** The same adapter where nobody listens. */
  readonly nowhere: Tables;
  /** The server's tables as seen where somebody else makes them. */
  readonly found: Tables;
  /** Makes a table of the columns, whose key is `id`, and answers its name. */
  make(columns: string): Promise<string>;
  /** Rows of a table, read by the server's own client. */
  rows(table: string): Promise<readonly object[]>;
}

const unavailable = { code: 'table_unavailable', at: 'table', retriable: true };
const kinds =
  'id uuid PRIMARY KEY, a text, b int, c bigint, d double, e boolean, f timestamp, g decimal, h frozen<list<decimal>>';
const id = 'feedbeef-0000-4000-8000-00000000c0de';
const write = (table: string, city: string, version: number, ttl = 1000) =>
  `INSERT INTO ${table} (id, city) VALUES (${id}, '${city}') USING TIMESTAMP ${version} AND TTL ${ttl}`;

const schema: Cases<TableUnderTest> = {
  'answers no columns of a table that is not there': async ({ tables }) => {
    expect(await tables.columns('contract_nobody')).toEqual(new Map());
  },
  'answers the type of every column of a table, under the names that definitions use': async ({ tables, make }) => {
    const table = await make(kinds);
    const columns = await tables.columns(table.split('.')[1] as string);
    expect(Object.fromEntries(columns)).toEqual({
      id: 'uuid',
      a: 'text',
      b: 'int',
      c: 'bigint',
      d: 'double',
      e: 'boolean',
      f: 'timestamp',
      g: 'decimal',
      h: 'frozen<list<decimal>>',
    });
  },
  'shows a new column to the very next question': async ({ tables, make }) => {
    const table = await make('id uuid PRIMARY KEY');
    await tables.execute(`ALTER TABLE ${table} ADD city text`);
    expect((await tables.columns(table.split('.')[1] as string)).get('city')).toBe('text');
  },
  'may be told again to make what is there': async ({ tables, make }) => {
    const table = await make('id uuid PRIMARY KEY');
    await tables.execute(`CREATE TABLE IF NOT EXISTS ${table} (id uuid PRIMARY KEY)`);
  },
};

const versions: Cases<TableUnderTest> = {
  'keeps the newest version of a row, in whatever order versions come': async ({ tables, make, rows }) => {
    const table = await make('id uuid PRIMARY KEY, city text');
    for (const version of [2, 3, 1]) await tables.execute(write(table, `city ${version}`, version * 1_000_000));
    expect(await rows(table)).toMatchObject([{ city: 'city 3' }]);
  },
  'is not changed by a version that comes again': async ({ tables, make, rows }) => {
    const table = await make('id uuid PRIMARY KEY, city text');
    for (let time = 0; time < 3; time += 1) await tables.execute(write(table, 'Delft', 5_000_000));
    expect(await rows(table)).toMatchObject([{ city: 'Delft' }]);
  },
  'keeps a row deleted that was deleted at a later version': async ({ tables, make, rows }) => {
    const table = await make('id uuid PRIMARY KEY, city text');
    await tables.execute(`DELETE FROM ${table} USING TIMESTAMP 9000000 WHERE id = ${id}`);
    await tables.execute(write(table, 'Delft', 8_000_000));
    expect(await rows(table)).toEqual([]);
  },
  'forgets a row when its time is over': async ({ tables, make, rows }) => {
    const table = await make('id uuid PRIMARY KEY, city text');
    await tables.execute(write(table, 'Delft', 5_000_000, 1));
    await expect.poll(() => rows(table), { timeout: 60_000 }).toEqual([]);
  },
};

const finding: Cases<TableUnderTest> = {
  'has a keyspace once it was made, under the partitioner that Spark knows': async ({ tables, found }) => {
    await tables.readyKeyspace();
    await tables.readyKeyspace();
    await expect(found.readyKeyspace()).resolves.toBeUndefined();
  },
  'answers the same columns to who may not make any': async ({ tables, found, make }) => {
    const table = (await make(kinds)).split('.')[1] as string;
    expect(await found.columns(table)).toEqual(await tables.columns(table));
  },
  'makes nothing for who may not': async ({ tables, found }) => {
    const made = found.execute(`CREATE TABLE ${keyspace}.contract_unmade (id uuid PRIMARY KEY)`);
    await expect(made).rejects.toMatchObject({ code: 'table_unavailable', retriable: false });
    expect(await tables.columns('contract_unmade')).toEqual(new Map());
  },
};

const failing: Cases<TableUnderTest> = {
  'fails for a statement that it does not take, and goes on': async ({ tables }) => {
    await expect(tables.execute('CREATE NONSENSE')).rejects.toMatchObject({ code: 'table_unavailable', at: 'table' });
    expect(await tables.columns('contract_nobody')).toEqual(new Map());
  },
  'says that it is out of reach, and that it may be tried again': async ({ nowhere }) => {
    await expect(nowhere.columns('any')).rejects.toMatchObject(unavailable);
    await expect(nowhere.execute('any')).rejects.toMatchObject(unavailable);
  },
};

const apacheCassandra: Adapter<TableUnderTest> = {
  name: 'Apache Cassandra',
  open: async () => {
    const path = await openPath();
    const secret = { ...tableAddress(path.platform.ports), ...path.credentials.cassandra.admin };
    const tables = openTables(secret);
    const nowhere = openTables({ ...secret, port: 1 });
    const found = foundTables(path.tables);
    const made: string[] = [];
    const make = async (columns: string) => {
      const table = `${keyspace}.contract_${randomBytes(6).toString('hex')}`;
      await tables.execute(`CREATE TABLE ${table} (${columns})`);
      made.push(table);
      return table;
    };
    const rows = async (table: string) => (await path.tables.execute(`SELECT * FROM ${table}`)).rows;
    const close = async () => {
      for (const table of made) await tables.execute(`DROP TABLE ${table}`);
      await Promise.all([tables.close(), nowhere.close(), path.close()]);
    };
    return { port: { tables, nowhere, found, make, rows }, close };
  },
};

contract({ ...schema, ...versions, ...finding, ...failing }, [apacheCassandra]);
