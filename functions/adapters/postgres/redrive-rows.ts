import { type Database, transaction } from './connection.ts';
import { noteOperation } from './operations.ts';
import { inLine, insertMarker, landingLock } from './pages.ts';

export interface RowsToLand {
  readonly pipeline: string;
  /** The run that they become. */
  readonly run: string;
  readonly who: string;
  readonly seqs: readonly number[];
}

/**
 * Lands rows of landing once more, as a run of one page: origin, version and payload stay what they were. One
 * transaction; answers how many there were, which is less than were named where landing keeps some no more.
 */
export async function landRows(database: Database, { pipeline, run, who, seqs }: RowsToLand): Promise<number> {
  try {
    return await transaction(database, async (tx) => {
      await tx.query(landingLock, [pipeline]);
      // The payloads stay in the database: what is not read cannot be changed.
      const { rows } = await tx.query<{ count: number; seqs: string }>(
        `with landed as (
           insert into landing (pipeline, run, seq, origin, version, payload)
           select $1, $2, nextval('landing_seq'), origin, version, payload from (
             select origin, version, payload from landing where pipeline = $1 and seq = any($3) order by seq
           ) taken
           returning seq
         )
         select count(*), case count(*) when 0 then 'empty' else int8range(min(seq), max(seq), '[]') end::text as seqs
         from landed`,
        [pipeline, run, seqs],
      );
      const landed = rows[0]?.count ?? 0;
      await tx.query(
        `insert into runs (pipeline, run, source, requested, page_size, pages, closed_at)
         values ($1, $2, 'landing', $3, $3, 1, now())`,
        [pipeline, run, landed],
      );
      const counts = { received: landed, landed, rejected: 0, last: true };
      await insertMarker(tx, { pipeline, run, page: 1, ...counts }, rows[0]?.seqs ?? 'empty');
      await noteOperation(tx, { pipeline, verb: 'repair', who, asked: { run, seqs }, answer: counts });
      return landed;
    });
  } catch (error) {
    throw inLine({ pipeline, run, page: 1 }, error);
  }
}
