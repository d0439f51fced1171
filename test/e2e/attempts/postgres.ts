import pg from 'pg';
import { type LandingRights, secretTables } from '../../../functions/roles.ts';

/**
 * Tries statements as one role, each in a transaction that is rolled back. None touches a row, so nobody is kept waiting;
 * the server judges the right before it looks at anything else.
 */

export interface Relation {
  readonly name: string;
  /** As in pg_class: r, p, v or S. */
  readonly kind: string;
  readonly columns: readonly string[];
}

/** Everything in the schema, days of landing included. */
export async function relationsOf(owner: pg.Pool): Promise<readonly Relation[]> {
  const { rows } = await owner.query<Relation>(
    `select relname as name, relkind::text as kind,
       array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns
     from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'S') order by 1`,
  );
  return rows;
}

export interface DatabaseFunction {
  readonly name: string;
  /** What calls it, and does nothing of what it is for. */
  readonly call: string;
}

/** Everything of ours that may be called. */
export async function functionsOf(owner: pg.Pool): Promise<readonly DatabaseFunction[]> {
  const { rows } = await owner.query<DatabaseFunction>(
    `select proname as name, 'select ' || proname || '(' || (
       select coalesce(string_agg('null::' || format_type(type, null), ', '), '') from unnest(proargtypes) type
     ) || ')' as call
     from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
  );
  return rows;
}

/** Answers whether the server let the statement pass; only `permission denied` and `must be owner` are a no. */
export async function mayRun(client: pg.Client, statement: string): Promise<boolean> {
  await client.query('begin');
  try {
    await client.query(statement);
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code === undefined) throw error;
    return error.code !== '42501';
  } finally {
    await client.query('rollback');
  }
}

/** What a role may do with a relation, in the words of the table of roles. */
export async function rightsFound(client: pg.Client, { name, kind, columns }: Relation): Promise<readonly string[]> {
  if (kind === 'S') return passing(client, sequenceAttempts(name));
  // A view takes no rows, whoever asks.
  if (kind === 'v') return passing(client, { select: tableAttempts(name).select });
  // Nobody may set an identity to anything else, which would be said before the right is looked at.
  const updates = columns.map((column) => [column, `update ${name} set "${column}" = default where false`]);
  const updatable = (await passing(client, Object.fromEntries(updates))).sort();
  const found = await passing(client, tableAttempts(name));
  return updatable.length === 0 ? found : [...found, `update (${updatable.join(', ')})`];
}

async function passing(client: pg.Client, attempts: Readonly<Record<string, string>>): Promise<string[]> {
  const found: string[] = [];
  for (const [right, statement] of Object.entries(attempts)) if (await mayRun(client, statement)) found.push(right);
  return found;
}

const sequenceAttempts = (sequence: string) => ({
  select: `select last_value from ${sequence}`,
  // Of no value that it can take, and of none that was drawn: a sequence does not roll back.
  update: `select setval('${sequence}', 0)`,
  usage: `select currval('${sequence}')`,
});
const tableAttempts = (table: string) => ({
  select: `select * from ${table} limit 0`,
  insert: `insert into ${table} default values`,
  delete: `delete from ${table} where false`,
  truncate: `truncate ${table}`,
  alter: `alter table ${table} add column stray int`,
  drop: `drop table ${table}`,
});

/** The rights that the table of roles promises on a relation, in the same words. */
export function rightsPromised(rights: LandingRights, { name, kind }: Relation, isDay: boolean): readonly string[] {
  const isCovered = !isDay && kind !== 'S' && !secretTables.includes(name);
  const all = isCovered ? (rights['*'] ?? []) : [];
  const updated = (right: string) =>
    right.startsWith('update')
      ? `update (${right.slice('update ('.length, -1).replaceAll('"', '').split(', ').sort().join(', ')})`
      : right;
  return [...all, ...(rights[name] ?? [])].map(updated);
}

/** Beyond the schema: nobody may. */
export const trespasses: readonly string[] = [
  'select rolpassword from pg_authid',
  'create role stray',
  'create schema stray',
  'create table stray (x int)',
  'create temporary table stray (x int)',
  'create database stray',
  'set role millrace_prepare',
  'set role postgres',
  'alter role millrace_reader superuser',
  'alter system set fsync = off',
  "copy (select 1) to program 'true'",
  "select pg_read_file('PG_VERSION')",
];
