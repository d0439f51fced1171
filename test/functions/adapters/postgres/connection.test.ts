import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Database, openDatabase, transaction } from '../../../../functions/adapters/postgres/connection.ts';
import { startPostgres } from './started-postgres.ts';

let database: Database;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
});
afterAll(() => stop());

const one = async (expression: string) => (await database.query(`select ${expression} as value`)).rows[0]?.['value'];

describe('a connection', () => {
  it.each([
    ['9007199254740991::bigint', 9_007_199_254_740_991],
    ['null::bigint', null],
    ['array[1, 2]::bigint[]', [1, 2]],
    ['array[]::bigint[]', []],
    ["date '2026-11-24'", '2026-11-24'],
    ["timestamptz '2026-11-24 17:00:00'", new Date('2026-11-24T17:00:00Z')],
    ["current_setting('timezone')", 'UTC'],
  ])('reads %s exactly', async (expression, expected) => {
    expect(await one(expression)).toEqual(expected);
  });

  it('refuses a number that it cannot hold exactly, and goes on', async () => {
    await expect(one('9007199254740993::bigint')).rejects.toThrow('below 2^53');
    expect(await one('1')).toBe(1);
  });

  it.each([
    ['at work', 'select pg_terminate_backend(pg_backend_pid())'],
    ['idle, as while a batch is sent to Kafka', "set local idle_in_transaction_session_timeout = '50ms'"],
  ])('that is cut while %s fails its transaction, to be tried again, and nothing else', async (_when, statement) => {
    const cut = transaction(database, async (tx) => {
      const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await tx.query(statement);
      const left = () => one(`(select count(*) from pg_stat_activity where pid = ${rows[0]?.pid})`);
      await expect.poll(left, { timeout: 60_000 }).toBe(0);
      await tx.query('select 1');
    });
    await expect(cut).rejects.toMatchObject({ code: 'landing_unavailable', retriable: true });
    expect(await one('1')).toBe(1);
  });
});

it('does not trust a connection that was idle while the process was frozen', async () => {
  const backend = () => one('pg_backend_pid()');
  const [first, again] = [await backend(), await backend()];
  expect(again).toBe(first);
  vi.useFakeTimers({ now: Date.now() + 20_500, toFake: ['Date'] });
  const later = await backend();
  vi.useRealTimers();
  expect(later).not.toBe(first);
});

it('lets the server notice that a client is gone', async () => {
  const settings = ['tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count'];
  const set = await Promise.all(settings.map((name) => one(`current_setting('${name}')`)));
  expect(set).toEqual(['30', '10', '3']);
});

it('asks for the secret again, once, when the password is refused', async () => {
  let forgotten = 0;
  const secret = async () => ({
    host: '127.0.0.1',
    port: await one('inet_server_port()'),
    database: 'millrace',
    user: 'x',
    password: 'x',
  });
  const locked = await openDatabase(secret, () => {
    forgotten += 1;
  });
  await expect(locked.query('select 1')).rejects.toMatchObject({ code: 'landing_unavailable' });
  expect(forgotten).toBe(1);
  await locked.end();
});
