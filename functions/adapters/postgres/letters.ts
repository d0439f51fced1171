import type { LetterFilter } from '../../ports.ts';
import type { Queryable } from './connection.ts';

/** So often a record may die before it is parked: from then on it is taken only by who names the parked ones. */
export const mostAttempts = 5;

/** What one more death changes in a row of dead_letters that is called `d`. */
export const diedAgain = `attempts = d.attempts + 1, died_at = now(),
  state = case when d.attempts + 1 >= ${mostAttempts} then 'parked' else 'open' end`;

const lettersLock = `hashtextextended('letters:' || name, 0)`;

/** Whoever adds letters of some pipelines, whose names come in order: erase waits for them, and they for erase. */
export const lettersInUse = `select pg_advisory_xact_lock_shared(${lettersLock}) from unnest($1::text[]) name`;

/** The other side: from then on whoever adds letters of the pipeline sees what has been erased. */
export const lettersAlone = `select pg_advisory_xact_lock(${lettersLock}) from (select $1::text as name) pipeline`;

/** Notes what a redrive that is over has brought into the tables. */
export async function closeRedrives(database: Queryable, pipeline: string): Promise<void> {
  await database.query(
    `update dead_letters d set state = 'stored' from letters l
     where d.pipeline = $1 and d.state = 'redriving'
       and l.pipeline = d.pipeline and l.identity = d.identity and l.state = 'stored'`,
    [pipeline],
  );
}

/** A condition on letters called `d`; its parameters begin at `first`. */
export function matching(filter: LetterFilter, first: number): { readonly sql: string; readonly values: unknown[] } {
  const { at, reason, run, identities, since, until } = filter;
  const parts: readonly (readonly [string, unknown])[] = [
    ['d.at = ', at],
    ['d.reason = ', reason],
    ['d.run = ', run],
    ['d.identity = any', identities],
    ['d.died_at >= ', since],
    ['d.died_at < ', until],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  const sql = given.map(([condition], index) => `${condition}($${first + index})`).join(' and ');
  return { sql: sql === '' ? 'true' : sql, values: given.map(([, value]) => value) };
}
