import type { Client } from 'cassandra-driver';
import { describe, expect, it } from 'vitest';
import { readBack } from '../../../local/once/readback.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';

const registered = Date.parse('2024-02-03T04:05:06Z');
const keys = ['a', 'b', 'c'].map((user_id) => ({ version: 1000, key: { user_id, country: 'Norway', registered } }));

/** Has all of them but one; the first calls are not answered. */
function tables(unanswered: number) {
  const asked: unknown[] = [];
  const execute = async (_cql: string, values: readonly unknown[]) => {
    asked.push(values);
    if (asked.length <= unanswered) throw new Error('Server timeout during read query');
    return { rows: values.includes('b') ? [] : [{ written: 1000n }] };
  };
  return { asked, client: { execute } as unknown as Client };
}

describe('Reading back', () => {
  it('counts what every table has', async () => {
    expect(await readBack(tables(0).client, randomUsers, keys)).toBe(2);
  });

  it('asks again where a table did not answer', async () => {
    const { client, asked } = tables(4);
    expect(await readBack(client, randomUsers, keys, 1)).toBe(2);
    expect(asked).toHaveLength(3 * Object.keys(randomUsers.tables).length + 4);
  });

  it('says so when a table never answers', async () => {
    const { client } = tables(Number.POSITIVE_INFINITY);
    await expect(readBack(client, randomUsers, keys, 1)).rejects.toMatchObject({ code: 'table_unavailable' });
  });
});
