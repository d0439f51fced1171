import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresOutbox } from '../../../../functions/adapters/postgres/relay.ts';
import type { LandedRow } from '../../../../functions/ports.ts';
import type { Outbox } from '../../../../functions/relay/outbox.ts';
import { landingRowsRead, startPostgres } from './started-postgres.ts';

const pipeline = 'random-users';
const limit = { rows: 100, bytes: 1_000_000 };

let database: Database;
let outbox: Outbox;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
  outbox = postgresOutbox(database);
});
beforeEach(async () => {
  await database.query('truncate landing, relay_position, published');
  await database.query('insert into relay_position (pipeline) values ($1)', [pipeline]);
});
afterAll(() => stop());

/** Lands rows of the pipeline and, between them, rows of another one. */
const land = (count: number, payload: object = { id: 'a' }) =>
  database.query(
    `insert into landing (pipeline, run, seq, origin, version, payload, landed_on)
     select case when n % 2 = 0 then $1 else 'others' end, 'r1', n, n, n, $3, current_date - (n % 3)::int
     from generate_series(1, 2 * $2::int) n`,
    [pipeline, count, JSON.stringify(payload)],
  );

const readAll = (bounds = limit) => outbox.inTurn(pipeline, (turn) => turn.read(bounds));

/** What PostgreSQL does beside the contract in test/contracts/landing.test.ts. */
describe('the outbox', () => {
  it('gives rows of its own pipeline after the position, in their order, whatever day they landed on', async () => {
    await land(5);
    const rows = (await readAll()) as LandedRow[];
    expect(rows.map(({ seq }) => seq)).toEqual([2, 4, 6, 8, 10]);
    expect(rows[0]).toEqual({ seq: 2, run: 'r1', origin: 2, version: 2, payload: { id: 'a' } });
  });

  it('reads a batch of a backlog, and not all of it, before PostgreSQL has looked at how much there is', async () => {
    await land(20_000);
    const before = await landingRowsRead(database);
    expect(await readAll()).toHaveLength(limit.rows);
    expect((await landingRowsRead(database)) - before).toBeLessThan(2 * limit.rows);
  });

  it('moves the position and notes the offsets together', async () => {
    const range = (run: string, partition: number, from: number, until: number) => ({ run, partition, from, until });
    await outbox.inTurn(pipeline, (turn) =>
      turn.advance({ seq: 7, ends: [3, 0, 2] }, [range('r1', 0, 0, 2), range('r2', 0, 2, 3), range('r1', 2, 0, 2)]),
    );
    await outbox.inTurn(pipeline, (turn) => turn.advance({ seq: 9, ends: [4, 0, 2] }, [range('r1', 0, 3, 4)]));
    const { rows } = await database.query('select run, partition, offsets from published order by run, partition');
    expect(rows).toEqual([
      { run: 'r1', partition: 0, offsets: '{[0,2),[3,4)}' },
      { run: 'r1', partition: 2, offsets: '{[0,2)}' },
      { run: 'r2', partition: 0, offsets: '{[2,3)}' },
    ]);
    expect(await outbox.inTurn(pipeline, async ({ position }) => position)).toEqual({ seq: 9, ends: [4, 0, 2] });
  });

  it('changes nothing when the turn fails', async () => {
    const failing = outbox.inTurn(pipeline, async (turn) => {
      await turn.advance({ seq: 7, ends: [1] }, [{ run: 'r1', partition: 0, from: 0, until: 1 }]);
      throw new Error('killed');
    });
    await expect(failing).rejects.toThrow('killed');
    expect(await outbox.inTurn(pipeline, async ({ position }) => position)).toEqual({ seq: 0, ends: [] });
    expect((await database.query('select from published')).rowCount).toBe(0);
  });
});
