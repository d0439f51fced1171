import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MetadataDatabase } from '../../../local/airflow/database.ts';
import type { Login } from '../../../local/credentials.ts';
import { startPostgres } from '../../functions/adapters/postgres/started-postgres.ts';

const login = { user: 'millrace_airflow', password: 'the first' };

describe("Airflow's database", () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let metadata: MetadataDatabase;

  beforeAll(async () => {
    postgres = await startPostgres({ empty: true });
    metadata = new MetadataDatabase(postgres.address.port, postgres.superuser);
    await metadata.provide(login);
  });
  afterAll(() => postgres?.stop());

  const ask = async (text: string, { user, password }: Login = login, database = 'airflow') => {
    const { host, port } = postgres.address;
    const client = new pg.Client({ host, port, user, password, database });
    await client.connect();
    return client.query(text).finally(() => client.end());
  };

  it('is its own: it makes tables there, and enters no other', async () => {
    await ask('create table dag (id text)');
    await expect(ask('select 1', login, 'millrace')).rejects.toThrow('permission denied for database "millrace"');
    await expect(ask('select 1', login, 'postgres')).rejects.toThrow('permission denied for database "postgres"');
  });

  it('is entered by nobody else', async () => {
    await expect(ask('select 1', postgres.address as Login)).rejects.toThrow(
      'permission denied for database "airflow"',
    );
  });

  it('stays when it is provided again, and takes the password that the data folder has now', async () => {
    const renewed = { ...login, password: 'the second' };
    await metadata.provide(renewed);
    await expect(ask('select 1')).rejects.toThrow('password authentication failed');
    await metadata.provide(login);
    expect((await ask('select id from dag')).rowCount).toBe(0);
  });

  it('remembers what migrated it, and forgets it when it is made anew', async () => {
    expect(await metadata.migratedBy()).toBeUndefined();
    await metadata.noteMigratedBy("it's the lock");
    expect(await metadata.migratedBy()).toBe("it's the lock");
    await ask('drop database airflow with (force)', postgres.superuser, 'postgres');
    await metadata.provide(login);
    expect(await metadata.migratedBy()).toBeUndefined();
  });
});
