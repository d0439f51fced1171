import type { Client } from 'cassandra-driver';
import type { LandedKey } from '../../functions/adapters/cassandra/presence.ts';
import type { Definition } from '../../streaming/definition.ts';
import { presenceIn } from '../table-reader.ts';

const inFlight = 128;

/** How many of the landed records read back from every table at their version or later: the minimum over the tables. */
export async function readBack(client: Client, pipeline: Definition, keys: readonly LandedKey[]): Promise<number> {
  const counts: number[] = [];
  for (const table of Object.keys(pipeline.tables)) {
    const isPresent = presenceIn(client, pipeline, table);
    counts.push(await countPresent(keys, isPresent));
  }
  return Math.min(...counts);
}

/** A fixed number of readers walk one list: always `inFlight` reads under way, never a queue of all of them. */
async function countPresent(
  keys: readonly LandedKey[],
  isPresent: (key: LandedKey) => Promise<boolean>,
): Promise<number> {
  const remaining = keys.values();
  let present = 0;
  const readers = Array.from({ length: Math.min(inFlight, keys.length) }, async () => {
    for (const key of remaining) {
      if (await isPresent(key)) present += 1;
    }
  });
  await Promise.all(readers);
  return present;
}
