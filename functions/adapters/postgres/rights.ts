import pg from 'pg';
import { z } from 'zod';
import { type LandingRights, type RoleName, roles, rolesOn, secretTables, userOf } from '../../roles.ts';
import { type Database, type Queryable, transaction } from './connection.ts';
import { scramVerifier } from './scram.ts';

/** Passwords by user. A role that has none here logs in by a token of IAM, as on RDS. */
export const passwords = z.record(z.string(), z.string());

type Passwords = z.infer<typeof passwords>;

/** Makes every role and gives it exactly its rights, in one transaction: nobody ever has fewer meanwhile. */
export async function giveLandingRights(database: Database, passwords: Passwords): Promise<void> {
  await transaction(database, async (tx) => {
    await tx.query(`revoke all on database ${await nameOf(tx)} from public`);
    for (const role of rolesOn('postgres')) {
      const rights = roles[role].postgres;
      if (rights === undefined || rights === 'owner') continue;
      await readyRole(tx, role, passwords);
      for (const statement of await grantsOf(tx, userOf(role), rights)) await tx.query(statement);
    }
  });
}

async function nameOf(tx: Queryable): Promise<string> {
  const { rows } = await tx.query<{ name: string }>('select current_database() as name');
  return pg.escapeIdentifier(rows[0]?.name ?? '');
}

async function readyRole(tx: Queryable, role: RoleName, passwords: Passwords): Promise<void> {
  const user = userOf(role);
  const password = passwords[user];
  const { rowCount } = await tx.query('select from pg_roles where rolname = $1', [user]);
  if (rowCount === 0) await tx.query(`create role ${user} login`);
  if (password === undefined) await tx.query(`grant rds_iam to ${user}`);
  else await tx.query(`alter role ${user} password ${pg.escapeLiteral(scramVerifier(password))}`);
}

/** What it had is taken first: a right that the table no longer names must not stay. */
async function grantsOf(tx: Queryable, user: string, rights: LandingRights): Promise<string[]> {
  const grants = Object.entries(rights).map(async ([name, list]) => {
    const on = name === '*' ? (await relations(tx)).join(', ') : name;
    return `grant ${list.join(', ')} on ${kindOf(list)} ${on} to ${user}`;
  });
  return [
    `grant connect on database ${await nameOf(tx)} to ${user}`,
    `revoke all on all tables in schema public from ${user}`,
    `revoke all on all sequences in schema public from ${user}`,
    `revoke all on all functions in schema public from ${user}`,
    ...(await Promise.all(grants)),
  ];
}

function kindOf(rights: LandingRights[string]) {
  if (rights.includes('execute')) return 'function';
  return rights.includes('usage') ? 'sequence' : 'table';
}

/** Tables and views that are not secret. A day of landing is read through landing, whose right suffices. */
async function relations(tx: Queryable): Promise<readonly string[]> {
  const { rows } = await tx.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and not relispartition
       and relname <> all($1)`,
    [secretTables],
  );
  return rows.map(({ name }) => name);
}
