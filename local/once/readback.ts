import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'cassandra-driver';
import type { LandedKey } from '../../functions/adapters/cassandra/presence.ts';
import type { Definition } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { presenceIn } from '../table-reader.ts';

const inFlight = 128;
const mostTries = 5;

/** How many of the landed records read back from every table at their version or later: the minimum over the tables. */
export async function readBack(
  client: Client,
  pipeline: Definition,
  keys: readonly LandedKey[],
  pauseMs = 1000,
): Promise<number> {
  const counts: number[] = [];
  for (const table of Object.keys(pipeline.tables)) {
    const isPresent = presenceIn(client, pipeline, table);
    counts.push(await countPresent(keys, (key) => untilAnswered(() => isPresent(key), pauseMs)));
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

/** One of thousands of reads may come in a moment in which the server has no time: it is asked again. */
async function untilAnswered<T>(ask: () => Promise<T>, pauseMs: number): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const passes = error instanceof PipelineError && error.retriable;
      if (!passes || attempt === mostTries) throw error;
    }
    await sleep(pauseMs * attempt);
  }
}
