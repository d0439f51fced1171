import type { Definition } from '../../streaming/definition.ts';
import { tableGrants } from '../adapters/cassandra/rights.ts';
import type { Tables } from '../adapters/cassandra/tables.ts';

/** Gives every role its rights where the store has more to it than statements. */
export interface Rights {
  onLanding(): Promise<void>;
  onTopics(pipelines: readonly Definition[]): Promise<void>;
}

/** Gives every role exactly what functions/roles.ts says; once all is there that a right can be given on. */
export async function giveRights(pipelines: readonly Definition[], rights: Rights, tables: Tables): Promise<void> {
  await rights.onLanding();
  await rights.onTopics(pipelines);
  for (const grant of tableGrants()) await tables.execute(grant);
}
