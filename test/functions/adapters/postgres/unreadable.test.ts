import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresLedger } from '../../../../functions/adapters/postgres/audit.ts';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresErasing } from '../../../../functions/adapters/postgres/erasing.ts';
import { auditTopicOf } from '../../../../streaming/names.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';
import { startPostgres } from './started-postgres.ts';

const topic = auditTopicOf(randomUsers);
const key = '1b4e28ba-2fa1-4d2b-883f-b9a761bde3fb';

let database: Database;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
});
afterAll(() => stop?.());
beforeEach(() => database.query('truncate unreadable_audit'));

const books = () => postgresErasing(database, randomUsers);
const bytes = (...parts: readonly (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));

/** As audit keeps a message: by its offset, and once. */
const keep = (offset: number, value: Buffer, of = topic) =>
  postgresLedger(database).record({
    ...{ dead: [], reports: [], started: [], stopped: [], rebuilt: [] },
    unreadable: [{ record: { topic: of, partition: 0, offset, value: value.toString('base64') }, reason: 'no JSON' }],
  });

describe('In audit messages that nobody could read', () => {
  it.each([
    ['in a text', key, bytes(`{"user_id":"${key}"`), 1],
    ['however it is written', key, bytes(key.toUpperCase()), 1],
    ['between bytes that are no text', key, bytes(0, 255, key, 128), 1],
    ['of letters beyond ASCII', 'Zoë\\(1)', bytes('of Zoë\\(1), she said'), 1],
    ['not as a part of another', '12', bytes('123 412 a12'), 0],
    ['not where a sign of it would match anything', 'a.c', bytes('abc'), 0],
  ])('a key is found %s', async (_, wanted, value, times) => {
    await keep(1, value);
    expect(await books().unreadable([wanted, 'somebody'])).toEqual(Array(times).fill(wanted));
    expect(await books().emptyUnreadable([wanted])).toBe(times);
    expect(await books().unreadable([wanted])).toEqual([]);
  });

  it('nothing is left of a key, even when its batch comes again, and everything of others and of other pipelines', async () => {
    await keep(1, bytes(key));
    await keep(2, bytes('another'));
    await keep(1, bytes(key), 'other.audit');
    expect(await books().emptyUnreadable([key, 'another one'])).toBe(1);
    await keep(1, bytes(key));
    const { rows } = await database.query('select topic, value, reason from unreadable_audit order by topic, "offset"');
    expect(rows).toEqual([
      { topic: 'other.audit', value: bytes(key), reason: 'no JSON' },
      { topic, value: null, reason: 'erased' },
      { topic, value: bytes('another'), reason: 'no JSON' },
    ]);
  });
});
