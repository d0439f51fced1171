import type { Definition } from '../../../streaming/definition.ts';
import { auditTopicOf } from '../../../streaming/names.ts';
import type { Queryable } from './connection.ts';

/**
 * Whether the bytes of a message hold a key as a word of its own, however it is written. They may be no text at all, so
 * both are compared as `encode` writes bytes: that is text always.
 */
const holdsKey = `encode(value, 'escape') ~* ('(^|[^[:alnum:]]|\\\\[0-7]{3})' ||
  regexp_replace(encode(convert_to(key, 'UTF8'), 'escape'), '[^[:alnum:]]', '\\\\\\&', 'g') || '(?![[:alnum:]])')`;

/** The keys that audit messages which nobody could read hold, each as often as there are such messages. */
export async function keysInUnreadable(
  database: Queryable,
  pipeline: Definition,
  keys: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await database.query<{ key: string }>(
    `select key from unreadable_audit, unnest($2::text[]) key where topic = $1 and ${holdsKey}`,
    [auditTopicOf(pipeline), keys],
  );
  return rows.map(({ key }) => key);
}

/** Empties those messages; the row stays, so that the message does not come back with the batch that had it. */
export async function emptyUnreadable(
  database: Queryable,
  pipeline: Definition,
  keys: readonly string[],
): Promise<number> {
  const { rowCount } = await database.query(
    `update unreadable_audit set value = null, reason = 'erased'
     where topic = $1 and exists (select from unnest($2::text[]) key where ${holdsKey})`,
    [auditTopicOf(pipeline), keys],
  );
  return rowCount ?? 0;
}
