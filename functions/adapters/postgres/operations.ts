import type { Queryable } from './connection.ts';

/** Something that somebody did to a pipeline. */
export interface Operation {
  readonly pipeline: string;
  readonly verb: string;
  readonly who: string;
  readonly asked: object;
  readonly answer: object;
}

/** Keeps it, in the transaction that does it: what was done is on file exactly when it was done. Answers its number. */
export async function noteOperation(tx: Queryable, { pipeline, verb, who, asked, answer }: Operation): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    'insert into operations (pipeline, verb, who, asked, answer) values ($1, $2, $3, $4, $5) returning id',
    [pipeline, verb, who, JSON.stringify(asked), JSON.stringify(answer)],
  );
  return rows[0]?.id ?? 0;
}
