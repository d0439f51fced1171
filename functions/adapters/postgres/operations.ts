import type { Queryable } from './connection.ts';

/** Something that somebody did to a pipeline. */
export interface Operation {
  readonly pipeline: string;
  readonly verb: string;
  readonly who: string;
  readonly asked: object;
  readonly answer: object;
}

const insertion = 'insert into operations (pipeline, verb, who, asked, answer) values ($1, $2, $3, $4, $5)';

const valuesOf = ({ pipeline, verb, who, asked, answer }: Operation) => [
  ...[pipeline, verb, who],
  ...[JSON.stringify(asked), JSON.stringify(answer)],
];

/** Keeps it, in the transaction that does it: what was done is on file exactly when it was done. */
export async function noteOperation(tx: Queryable, operation: Operation): Promise<void> {
  await tx.query(insertion, valuesOf(operation));
}

/** The same for one that goes on: answers its number, by which what came of it is noted. */
export async function beginOperation(tx: Queryable, operation: Operation): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(`${insertion} returning id`, valuesOf(operation));
  return rows[0]?.id ?? 0;
}
