import { describe, expect, it } from 'vitest';
import { presenceIn } from '../../../../functions/adapters/cassandra/presence.ts';
import type { Statements } from '../../../../functions/adapters/cassandra/tables.ts';
import type { Definition } from '../../../../streaming/definition.ts';
import { double } from '../../../../streaming/fields.ts';
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
    const { of, together } = presenceIn(client, randomUsers, 'users');
    const three = ['a', 'b', 'c'].map((user_id) => ({ ...landed, key: { ...landed.key, user_id } }));
    expect(await of(three)).toEqual(['present', 'missing', 'older']);
    expect(asked[0]).toMatch(/ FROM users WHERE user_id IN \(\?, \?, \?\)$/);
    expect(asked[1]).toEqual(['a', 'b', 'c']);
    expect(together(Array(250).fill(landed)).map(({ length }) => length)).toEqual([100, 100, 50]);
  });

  it('looked for together with others of its partition, whatever their order in the answer', async () => {
    const at = (day: number) => new Date(registered + day * 86_400_000);
    const { client, asked } = answering(
      { registered: at(1), user_id: 'b', written: 1000n },
      // Of the combinations that nobody asked for.
      { registered: at(0), user_id: 'b', written: 1000n },
      { registered: at(0), user_id: 'a', written: 999n },
    );
    const three = ['a', 'b', 'c'].map((user_id, day) => ({
      ...landed,
      key: { ...landed.key, user_id, registered: at(day).getTime() },
    }));
    const { of } = presenceIn(client, randomUsers, 'users_by_country');
    expect(await of(three)).toEqual(['older', 'present', 'missing']);
    expect(asked[0]).toMatch(
      / WHERE country = \? AND month = \? AND registered IN \(\?, \?, \?\) AND user_id IN \(\?, \?, \?\)$/,
    );
    expect(asked[1]).toEqual(['Norway', '2024-02', at(0), at(1), at(2), 'a', 'b', 'c']);
  });

  it('looked for with those of the same partition only, and of no more than combine to a hundred', () => {
    const { together } = presenceIn(answering().client, randomUsers, 'users_by_country');
    const of = (country: string) => ({ ...landed, key: { ...landed.key, country } });
    expect(together(['Norway', 'Chile', 'Norway'].map(of))).toEqual([[0, 2], [1]]);
    expect(together(Array(25).fill(landed)).map(({ length }) => length)).toEqual([10, 10, 5]);
  });

  it('looked for one by one where a value reads in more than one way', async () => {
    const tables = {
      amounts: { partition: ['country'], cluster: ['latitude'], only: ['country', 'latitude', 'city'] },
    };
    const record = { ...randomUsers.record, latitude: double('latitude') };
    const { client, asked } = answering();
    const { of, together } = presenceIn(client, { ...randomUsers, record, tables }, 'amounts');
    expect(together([landed, landed])).toEqual([[0], [1]]);
    expect(await of([landed, landed])).toEqual(['missing', 'missing']);
    expect(asked.filter((each) => typeof each === 'string')).toEqual([asked[0], asked[0]]);
    expect(asked[0]).not.toContain(' IN ');
  });
});
