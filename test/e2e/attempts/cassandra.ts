import { type Client, errors } from 'cassandra-driver';
import { keyspace } from '../../../streaming/names.ts';

const unauthorized = 0x2100;

/** Whether the server let it pass; whatever it says but `unauthorized` came after that judgement, or is a mistake. */
export async function mayExecute(client: Client, cql: string): Promise<boolean> {
  try {
    await client.execute(cql);
    return true;
  } catch (error) {
    if (error instanceof errors.ResponseError && error.code === unauthorized) return false;
    throw error;
  }
}

/** A table of the test's own, for what would hurt a real one. */
export const ownTable = `${keyspace}.privileges_of_a_test`;
export const ownTableCql = `CREATE TABLE IF NOT EXISTS ${ownTable} (id int PRIMARY KEY, x int)`;

export const tableAttempts: Readonly<Record<string, string>> = {
  SELECT: `SELECT * FROM ${ownTable}`,
  MODIFY: `UPDATE ${ownTable} SET x = 1 WHERE id = 1`,
  TRUNCATE: `TRUNCATE ${ownTable}`,
  ALTER: `ALTER TABLE ${ownTable} WITH comment = 'tried'`,
  GRANT: `GRANT SELECT ON ${ownTable} TO millrace_reader`,
  CREATE: `CREATE TABLE IF NOT EXISTS ${ownTable}_too (id int PRIMARY KEY)`,
  DROP: `DROP TABLE IF EXISTS ${ownTable}_too`,
};

/** Beyond the keyspace: nobody may. */
export const trespasses: readonly string[] = [
  'SELECT * FROM system_auth.roles',
  "UPDATE system_auth.roles SET is_superuser = true WHERE role = 'millrace_reader'",
  'CREATE ROLE stray',
  "ALTER ROLE admin WITH PASSWORD = 'stray'",
  'ALTER ROLE millrace_reader WITH SUPERUSER = true',
  'GRANT admin TO millrace_reader',
  'GRANT ALL ON ALL KEYSPACES TO millrace_reader',
  'LIST ROLES OF admin',
  'DROP KEYSPACE system_traces',
];

/** The real tables are read only: a statement that reads nothing of them. */
export const readOf = (table: string) => `SELECT * FROM ${keyspace}.${table} LIMIT 1`;
