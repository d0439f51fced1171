import pg from 'pg';
import { scramVerifier } from '../../functions/adapters/postgres/scram.ts';
import type { Login } from '../credentials.ts';
import { database } from './config.ts';

/** Airflow's metadata: a database of its own on the platform's server, of an owner who enters no other. */
export class MetadataDatabase {
  readonly #port: number;
  readonly #superuser: Login;

  constructor(port: number, superuser: Login) {
    this.#port = port;
    this.#superuser = superuser;
  }

  /** Makes the database and its owner, or gives the owner the password that the data folder has. */
  async provide({ user, password }: Login): Promise<void> {
    await this.#asSuperuser(async (client) => {
      const has = async (text: string) => (await client.query(text)).rowCount === 1;
      const isRole = await has(`SELECT 1 FROM pg_roles WHERE rolname = '${user}'`);
      const verifier = pg.escapeLiteral(scramVerifier(password));
      await client.query(`${isRole ? 'ALTER' : 'CREATE'} ROLE ${user} LOGIN PASSWORD ${verifier}`);
      if (!(await has(`SELECT 1 FROM pg_database WHERE datname = '${database}'`))) {
        await client.query(`CREATE DATABASE ${database} OWNER ${user}`);
      }
      await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
    });
  }

  /** What migrated it last; the mark lies in the database and is lost with it. */
  async migratedBy(): Promise<string | undefined> {
    return this.#asSuperuser(async (client) => {
      const { rows } = await client.query<{ mark: string | null }>(
        "SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = $1",
        [database],
      );
      return rows[0]?.mark ?? undefined;
    });
  }

  async noteMigratedBy(mark: string): Promise<void> {
    await this.#asSuperuser(async (client) => {
      await client.query(`COMMENT ON DATABASE ${database} IS ${pg.escapeLiteral(mark)}`);
    });
  }

  async #asSuperuser<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const { user, password } = this.#superuser;
    const client = new pg.Client({ host: '127.0.0.1', port: this.#port, user, password, database: 'postgres' });
    // A server that stops meanwhile ends the query with an error; the same error as an event would end the runner.
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}
