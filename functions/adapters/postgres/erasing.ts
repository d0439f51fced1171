import type { Definition } from '../../../streaming/definition.ts';
import { PipelineError } from '../../../streaming/errors.ts';
import { keyFieldOf } from '../../../streaming/keys.ts';
import type { Books } from '../../erase/stores.ts';
import type { LandedRow } from '../../ports.ts';
import { codeOf, type Database, type Queryable, transaction } from './connection.ts';
import { lettersAlone } from './letters.ts';
import { beginOperation } from './operations.ts';
import { landingLock } from './pages.ts';
import { hashOf, suppressionOf } from './suppressed.ts';
import { emptyUnreadable, keysInUnreadable } from './unreadable.ts';

/** Numbers of landing that one look covers. */
const stretch = 50_000;
const lockNotAvailable = '55P03';

/** PostgreSQL as erase sees it. */
export function postgresErasing(database: Database, pipeline: Definition): Books {
  const { name } = pipeline;
  const field = keyFieldOf(pipeline);
  // What the source said is compared as it would have been stored.
  const said = pipeline.record[field]?.type === 'uuid' ? 'lower(payload ->> $2)' : 'payload ->> $2';
  return {
    suppressed: async (keys) => (await suppressionOf(database, name))?.(keys) ?? new Map(),
    suppress: (keys, who) => suppress(database, name, keys, who),
    landed: (keys, after) => landed(database, name, field, keys, after),
    empty: (seqs) =>
      inLine(
        name,
        transaction(database, (tx) => empty(tx, name, seqs)),
      ),
    async letters(keys) {
      const { rows } = await database.query<{ key: string }>(
        `select ${said} as key from dead_letters where pipeline = $1 and ${said} = any($3)`,
        [name, field, keys],
      );
      return rows.map(({ key }) => key);
    },
    emptyLetters: (keys) =>
      inLine(
        name,
        transaction(database, (tx) => emptyLetters(tx, name, field, keys, said)),
      ),
    unreadable: (keys) => keysInUnreadable(database, pipeline, keys),
    emptyUnreadable: (keys) => emptyUnreadable(database, pipeline, keys),
    async note(operation, answer) {
      await database.query('update operations set answer = $2 where id = $1', [operation, JSON.stringify(answer)]);
    },
  };
}

/** Under the landing lock: whoever lands after it knows, and whoever landed before it is found. */
function suppress(database: Database, pipeline: string, keys: readonly string[], who: string): Promise<number> {
  const work = transaction(database, async (tx) => {
    await tx.query(landingLock, [pipeline]);
    const { rows } = await tx.query<{ secret: Buffer }>('select secret from suppression_secret');
    const secret = rows[0]?.secret;
    if (secret === undefined) throw new RangeError('suppression_secret: expected one row, got none; has prepare run?');
    const hashes = keys.map((key) => hashOf(secret, pipeline, key).toString('hex'));
    await tx.query(
      `insert into suppressed (pipeline, key_hash) select $1, decode(hash, 'hex') from unnest($2::text[]) hash
       on conflict do nothing`,
      [pipeline, hashes],
    );
    return beginOperation(tx, {
      ...{ pipeline, verb: 'erase', who },
      asked: { keys: keys.length },
      answer: { done: false },
    });
  });
  return inLine(pipeline, work);
}

/** By stretches of seq, which the index gives: a table of any size is looked through in statements of one length. */
async function landed(
  database: Queryable,
  pipeline: string,
  field: string,
  keys: readonly string[],
  after: number,
): Promise<{ rows: readonly LandedRow[]; next: number | null }> {
  const { rows: bounds } = await database.query<{ first: number | null; last: number | null }>(
    `select (select seq from landing where pipeline = $1 and seq > $2 order by seq limit 1) as first,
       (select seq from landing where pipeline = $1 order by seq desc limit 1) as last`,
    [pipeline, after],
  );
  const { first = null, last = null } = bounds[0] ?? {};
  if (first === null || last === null) return { rows: [], next: null };
  const until = first + stretch - 1;
  const { rows } = await database.query<LandedRow>(
    `select seq, run, origin, version, payload from landing
     where pipeline = $1 and seq >= $2 and seq <= $3 and payload ->> $4 = any($5) order by seq`,
    [pipeline, first, until, field, keys],
  );
  return { rows, next: until < last ? until : null };
}

/** Behind the relay's fence, so that a row is either published or never will be. Its version may be the record's own. */
async function empty(tx: Queryable, pipeline: string, seqs: readonly number[]): Promise<void> {
  const { rows } = await tx.query<{ seq: number }>('select seq from relay_position where pipeline = $1 for update', [
    pipeline,
  ]);
  await tx.query(
    `with emptied as (
       update landing set payload = '{}', version = origin
       where pipeline = $1 and seq = any($2) and payload <> '{}' returning seq, run, origin
     )
     insert into erased (pipeline, seq, run, identity, published)
     select $1, seq, run, origin::text, seq <= $3 from emptied`,
    [pipeline, seqs, rows[0]?.seq ?? 0],
  );
}

/** Letters that `audit` adds meanwhile are waited for, and those that it adds later it knows to be empty. */
async function emptyLetters(
  tx: Queryable,
  pipeline: string,
  field: string,
  keys: readonly string[],
  said: string,
): Promise<number> {
  await tx.query(lettersAlone, [pipeline]);
  const { rowCount } = await tx.query(
    `update dead_letters d set payload = null, state = case state when 'stored' then state else 'erased' end
     where pipeline = $1 and (payload is not null or state not in ('stored', 'erased')) and (${said} = any($3)
       or exists (select from erased e where e.pipeline = d.pipeline and e.identity = d.identity))`,
    [pipeline, field, keys],
  );
  return rowCount ?? 0;
}

/** Says what it is when a lock was not to be had. */
async function inLine<T>(pipeline: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) !== lockNotAvailable) throw error;
    throw new PipelineError(
      `erase of ${pipeline}: expected a lock within the lock timeout, got none; a run or the relay is at work, call it again`,
      { code: 'landing_unavailable', at: 'landing', retriable: true, cause: error },
    );
  }
}
