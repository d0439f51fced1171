import { expect, it } from 'vitest';
import { rowsOf } from '../../../../functions/adapters/cassandra/rows.ts';
import type { Statements } from '../../../../functions/adapters/cassandra/tables.ts';
import type { Definition } from '../../../../streaming/definition.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';

/** What a server would answer; what it was asked is kept. The test of a rebuild asks a real one. */
function answering(...rows: readonly object[]) {
  const asked: unknown[] = [];
  const execute = async (cql: string) => {
    asked.push(cql);
    return { rows };
  };
  return { asked, client: { execute } as unknown as Statements };
}

it('Rows of a table are told by when a column was written that none of them lacks', async () => {
  const { client, asked } = answering({ written: 1000n }, { written: null });
  expect(await rowsOf(client, randomUsers).written('users_by_country')).toEqual([1000, null]);
  expect(asked).toEqual(['SELECT writetime(gender) AS written FROM users_by_country LIMIT 1000']);
});

it('Rows without such a column are there, and nobody knows since when', async () => {
  const keys: Definition = { ...randomUsers, tables: { ids: { partition: ['user_id'], only: ['user_id'] } } };
  const { client, asked } = answering({ user_id: 'a' });
  expect(await rowsOf(client, keys).written('ids')).toEqual([null]);
  expect(asked).toEqual(['SELECT user_id FROM ids LIMIT 1000']);
});
