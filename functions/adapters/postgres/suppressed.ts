import { createHmac } from 'node:crypto';
import type { Queryable } from './connection.ts';

/** Answers which of some keys are suppressed, with since when. */
export type Suppression = (keys: readonly string[]) => Promise<ReadonlyMap<string, Date>>;

/** What the list knows of a key. The same key of two pipelines has two hashes. */
export const hashOf = (secret: Buffer, pipeline: string, key: string): Buffer =>
  createHmac('sha256', secret).update(`${pipeline}\0${key}`).digest();

/** Undefined while the pipeline's list is empty: to know that costs one question, and no hash. */
export async function suppressionOf(tx: Queryable, pipeline: string): Promise<Suppression | undefined> {
  const { rows } = await tx.query<{ secret: Buffer }>(
    'select secret from suppression_secret where exists (select from suppressed where pipeline = $1)',
    [pipeline],
  );
  const secret = rows[0]?.secret;
  return secret === undefined ? undefined : (keys) => listed(tx, secret, pipeline, keys);
}

async function listed(tx: Queryable, secret: Buffer, pipeline: string, keys: readonly string[]) {
  const byHash = new Map(keys.map((key) => [hashOf(secret, pipeline, key).toString('hex'), key]));
  const { rows } = await tx.query<{ hash: string; since: Date }>(
    `select encode(key_hash, 'hex') as hash, suppressed_at as since from suppressed
     where pipeline = $1 and key_hash = any(array(select decode(hash, 'hex') from unnest($2::text[]) hash))`,
    [pipeline, [...byHash.keys()]],
  );
  return new Map(rows.map(({ hash, since }) => [byHash.get(hash) ?? '', since]));
}
