import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresGroundwork } from '../../../functions/adapters/postgres/groundwork.ts';
import { type PreparePorts, prepare } from '../../../functions/prepare/prepare.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { startPostgres } from '../adapters/postgres/started-postgres.ts';
import { emptyStores } from './fakes.ts';

/** What a deployment leaves that was cut off: the next prepare makes of it what an undisturbed one makes. */

type Stores = ReturnType<typeof emptyStores>;

const stateOf = ({ files, schemas, hashes, log }: Stores) => ({ files, schemas, hashes, did: new Set(log) });

/** The same ports, until so many calls have been carried out: the one after that never answers what it did. */
function killedAfter(calls: number, ports: PreparePorts): PreparePorts {
  let made = 0;
  const counting = (port: object) =>
    new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...values: unknown[]) => {
          const answer: unknown = await method.apply(target, values);
          made += 1;
          if (made > calls) throw new Error('killed');
          return answer;
        };
      },
    });
  const wrapped = Object.entries(ports).map(([name, port]) => [name, name === 'now' ? port : counting(port)]);
  return Object.fromEntries(wrapped) as PreparePorts;
}

describe('prepare that is killed after any of its calls', () => {
  const whole = emptyStores();

  it('is finished by the next one', async () => {
    await prepare([randomUsers], whole.ports);
    let calls = 0;
    for (let killed = true; killed; calls += 1) {
      const stores = emptyStores();
      killed = await prepare([randomUsers], killedAfter(calls, stores.ports)).then(
        () => false,
        (error: Error) => error.message === 'killed' || Promise.reject(error),
      );
      await prepare([randomUsers], stores.ports);
      expect([calls, stateOf(stores)]).toEqual([calls, stateOf(whole)]);
    }
    expect(calls).toBeGreaterThan(15);
  });
});

describe('prepare whose connection ends before its migrations are through', () => {
  const migrations = join(import.meta.dirname, '../../../functions/prepare/migrations');
  const files = readdirSync(migrations).sort();
  const names = files.map((file) => file.replace('.sql', ''));
  const folder = mkdtempSync(join(tmpdir(), 'millrace-migrations-'));
  let postgres: Awaited<ReturnType<typeof startPostgres>>;

  beforeAll(async () => {
    postgres = await startPostgres({ empty: true });
  });
  afterAll(async () => {
    await postgres?.stop();
    rmSync(folder, { recursive: true });
  });

  const migrate = (from: string) => {
    const login = { read: async () => postgres.address, forget: () => undefined };
    return postgresGroundwork(postgres.database, login, from).migrate();
  };

  it.each(files)(
    'at the end of %s, leaves all before it and nothing of it, and the next one goes on there',
    async (file) => {
      await postgres.database.query('drop schema public cascade; create schema public');
      cpSync(migrations, folder, { recursive: true });
      const [up = ''] = readFileSync(join(migrations, file), 'utf8').split('-- Down Migration');
      writeFileSync(join(folder, file), `${up}\nselect pg_terminate_backend(pg_backend_pid());\n`);
      await expect(migrate(folder)).rejects.toMatchObject({ code: 'landing_unavailable', retriable: true });
      expect(await migrate(migrations)).toEqual(names.slice(files.indexOf(file)));
      const { rows } = await postgres.database.query<{ name: string }>('select name from migrations order by id');
      expect(rows.map(({ name }) => name)).toEqual(names);
    },
  );
});
