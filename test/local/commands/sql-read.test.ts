import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../../local/commands/rows.ts';
import { readOnly } from '../../../local/commands/sql-read.ts';
import { startPostgres } from '../../functions/adapters/postgres/started-postgres.ts';

let postgres: Awaited<ReturnType<typeof startPostgres>>;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

async function all(statement: string, timeout = 60): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const row of readOnly(postgres.address, statement, timeout)) rows.push(row);
  return rows;
}

describe('One statement to PostgreSQL', () => {
  it('gives its rows, more than one batch of them, by name', async () => {
    const rows = await all(
      'select n, n % 2 = 0 as even, null as nothing, \'{"a":1}\'::jsonb as json from generate_series(1, 1201) n',
    );
    expect(rows).toHaveLength(1201);
    expect(rows.at(-1)).toEqual({ n: 1201, even: false, nothing: null, json: { a: 1 } });
  });

  it.each([
    ['that gives no rows', 'select 1 where false', []],
    ['that is no select', 'show timezone', [{ TimeZone: 'UTC' }]],
    ['that says nothing', 'set local work_mem = 1024', []],
  ])('may be one %s', async (_, statement, rows) => expect(await all(statement)).toEqual(rows));

  it('is left when the reader has seen enough, before the server has made the rest', async () => {
    const began = performance.now();
    for await (const row of readOnly(postgres.address, 'select generate_series(1, 1000000000) as n', 60)) {
      if (row['n'] === 2) break;
    }
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('is refused with the reason when the server goes away while its rows are read', async () => {
    const { database } = postgres;
    const rows = readOnly(postgres.address, 'select pg_backend_pid() as pid from generate_series(1, 501)', 60);
    const { value } = await rows.next();
    await database.query('select pg_terminate_backend($1)', [value?.['pid']]);
    const rest = async () => {
      for await (const _ of rows) await sleep(1);
    };
    await expect(rest()).rejects.toThrow(/terminat/);
  });

  it.each([
    ['takes too long', 'select pg_sleep(60)', /no answer within 1 s.*--timeout/, 1],
    ['would change something', 'create table x (i int)', /read-only transaction/, 60],
    ['is two', 'select 1; select 2', /cannot insert multiple commands/, 60],
    ['is none', 'selec 1', /syntax error/, 60],
    ['hides a column behind another', 'select 1 as a, 2 as a', /got a twice/, 60],
  ])('is refused with the reason when it %s', async (_, statement, reason, timeout) => {
    await expect(all(statement, timeout)).rejects.toThrow(reason);
  });
});
