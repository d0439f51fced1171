import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { giveLandingRights } from '../../../../functions/adapters/postgres/rights.ts';
import { scramVerifier } from '../../../../functions/adapters/postgres/scram.ts';
import { rolesOn, userOf } from '../../../../functions/roles.ts';
import { startPostgres } from './started-postgres.ts';

let database: Database;
let stop: () => Promise<void>;

const passwords = Object.fromEntries(rolesOn('postgres').map((role) => [userOf(role), `a secret of ${role}`]));

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
  await giveLandingRights(database, passwords);
});
afterAll(() => stop());

async function asRelay<R extends pg.QueryResultRow>(statement: string, password = passwords['millrace_relay']) {
  const { rows } = await database.query<{ port: number }>("select current_setting('port')::int as port");
  const client = new pg.Client({
    host: '127.0.0.1',
    ...rows[0],
    database: 'millrace',
    user: 'millrace_relay',
    password,
  });
  await client.connect();
  try {
    return (await client.query<R>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('giveLandingRights', () => {
  it('lets a role in with its password', async () => {
    expect(await asRelay('select current_user::text as user')).toEqual([{ user: 'millrace_relay' }]);
  });

  it('takes away what the table of roles does not name', async () => {
    await database.query('grant delete on landing to millrace_relay');
    await asRelay('delete from landing where false');
    await giveLandingRights(database, passwords);
    await expect(asRelay('delete from landing where false')).rejects.toMatchObject({ code: '42501' });
  });

  it('leaves the rights in force while it gives them anew', async () => {
    let giving = true;
    const given = giveLandingRights(database, passwords).finally(() => {
      giving = false;
    });
    while (giving) await asRelay('select seq from relay_position');
    await given;
  });

  it('gives a changed password', async () => {
    await giveLandingRights(database, { ...passwords, millrace_relay: 'another' });
    await expect(asRelay('select 1')).rejects.toMatchObject({ code: '28P01' });
    await asRelay('select 1', 'another');
  });
});

describe('scramVerifier', () => {
  it('has the keys of the example in RFC 7677', () => {
    expect(scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });
});
