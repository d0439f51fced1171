import type { Definition } from '../../streaming/definition.ts';

/** Gives every role its rights in a store; where IAM gives them there is nothing to do. */
export interface Rights {
  onLanding(): Promise<void>;
  onTopics(pipelines: readonly Definition[]): Promise<void>;
  onTables(): Promise<void>;
}

/** Gives every role exactly what functions/roles.ts says; once all is there that a right can be given on. */
export async function giveRights(pipelines: readonly Definition[], rights: Rights): Promise<void> {
  await rights.onLanding();
  await rights.onTopics(pipelines);
  await rights.onTables();
}
