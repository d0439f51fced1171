import type { Loss, Order, OrderAnswer, Orders } from '../../supervise/orders.ts';
import { type Database, type Queryable, transaction } from './connection.ts';
import { noteOperation } from './operations.ts';

/** Orders of operators in PostgreSQL. */
export function postgresOrders(database: Database): Orders {
  return {
    async standing(pipeline) {
      const { rows } = await database.query<NonNullable<Awaited<ReturnType<Orders['standing']>>>>(
        'select desired, data_loss as loss from pipelines where name = $1',
        [pipeline],
      );
      return rows[0];
    },
    desire: (order, desired, loss) =>
      transaction(database, async (tx) => {
        await tx.query('update pipelines set desired = $2, data_loss = $3 where name = $1', [
          order.pipeline,
          desired,
          jsonOf(loss),
        ]);
        await note(tx, order, { order: order.do, changed: true, left: loss });
      }),
    acceptLoss: (order, left) =>
      transaction(database, async (tx) => {
        await tx.query(
          `insert into coverage (pipeline, partition, lost) values ($1, $2, int8multirange(int8range($3, $4)))
           on conflict (pipeline, partition) do update set lost = coverage.lost + excluded.lost`,
          [order.pipeline, order.partition, order.from, order.until],
        );
        await tx.query('update pipelines set data_loss = $2 where name = $1', [order.pipeline, jsonOf(left)]);
        await note(tx, order, { order: order.do, changed: true, left });
      }),
  };
}

const jsonOf = (loss: Loss | null) => (loss === null ? null : JSON.stringify(loss));

const note = (tx: Queryable, { pipeline, who, do: verb, ...asked }: Order, answer: OrderAnswer) =>
  noteOperation(tx, { pipeline, verb, who, asked, answer });
