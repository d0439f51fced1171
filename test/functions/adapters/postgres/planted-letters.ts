import type { Database } from '../../../../functions/adapters/postgres/connection.ts';

export const pipeline = 'random-users';

/** Letters with identities from `first` on, all of the same kind. */
export async function plantLetters(database: Database, count: number, letter: object, first: number): Promise<void> {
  const of = { run: 'r1', at: 'source', reason: 'missing', payload: { a: 1 }, attempts: 1, state: 'open' };
  const letters = Array.from({ length: count }, (_, n) => ({ identity: String(first + n), ...of, ...letter }));
  await database.query(
    `insert into dead_letters (pipeline, identity, run, at, reason, payload, attempts, state)
     select $1, identity, run, at, reason, payload, attempts, state
     from jsonb_to_recordset($2) as x(identity text, run text, at text, reason text, payload jsonb, attempts int,
       state text)`,
    [pipeline, JSON.stringify(letters)],
  );
}
