import { describe, expect, it } from 'vitest';
import { presenceIn } from '../../../../functions/adapters/cassandra/presence.ts';
import type { Statements } from '../../../../functions/adapters/cassandra/tables.ts';
import type { Definition } from '../../../../streaming/definition.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';

const registered = Date.parse('2024-02-03T04:05:06Z');
const landed = { version: 1000, key: { user_id: 'a', country: 'Norway', registered } };

/** What a server would answer; what it was asked is kept. The tests of the path ask a real one. */
function answering(...rows: readonly object[]) {
  const asked: unknown[] = [];
  const execute = async (...args: unknown[]) => {
    asked.push(...args);
    return { rows };
  };
  return { asked, client: { execute } as unknown as Statements };
}

describe('A landed record is', () => {
  it.each([
    ['missing where there is no row', [], 'missing'],
    ['present at its version', [{ written: 1000n }], 'present'],
    ['present at a later one', [{ written: 1001n }], 'present'],
    ['older where only an earlier one is', [{ written: 999n }], 'older'],
    ['older where the cell was never written', [{ written: null }], 'older'],
  ])('%s', async (_, rows, presence) => {
    const { client } = answering(...rows);
    expect(await presenceIn(client, randomUsers, 'users').of([landed])).toEqual([presence]);
  });

  it('present by its row alone where no other column is sure to have a value', async () => {
    const { born: _, ...record } = randomUsers.record;
    const keys: Definition = { ...randomUsers, record, tables: { ids: { partition: ['user_id'], only: ['user_id'] } } };
    const { client, asked } = answering({ user_id: 'a' });
    expect(await presenceIn(client, keys, 'ids').of([landed])).toEqual(['present']);
    expect(asked[0]).toBe('SELECT user_id FROM ids WHERE user_id = ?');
  });

  it('looked for by the whole key of the table, buckets and times as the table holds them', async () => {
    const { client, asked } = answering();
    await presenceIn(client, randomUsers, 'users_by_country').of([landed]);
    expect(asked[0]).toMatch(
      / FROM users_by_country WHERE country = \? AND month = \? AND registered = \? AND user_id = \?$/,
    );
    expect(asked[1]).toEqual(['Norway', '2024-02', new Date(registered), 'a']);
  });

  it('looked for together with others where one column is the key, whatever their order in the answer', async () => {
    const rows = [
      { user_id: 'c', written: 999n },
      { user_id: 'a', written: 1000n },
    ];
    const { client, asked } = answering(...rows);
    const { of, atOnce } = presenceIn(client, randomUsers, 'users');
    const three = ['a', 'b', 'c'].map((user_id) => ({ ...landed, key: { ...landed.key, user_id } }));
    expect(await of(three)).toEqual(['present', 'missing', 'older']);
    expect(asked[0]).toMatch(/ FROM users WHERE user_id IN \(\?, \?, \?\)$/);
    expect(asked[1]).toEqual(['a', 'b', 'c']);
    expect(atOnce).toBe(100);
  });

  it('looked for one by one where a key has several columns', async () => {
    const { client, asked } = answering();
    const { of, atOnce } = presenceIn(client, randomUsers, 'users_by_country');
    expect(await of([landed, landed])).toEqual(['missing', 'missing']);
    expect([atOnce, asked.filter((each) => typeof each === 'string')]).toEqual([1, [asked[0], asked[0]]]);
  });
});
