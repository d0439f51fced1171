import type { PageToLand } from '../../ports.ts';
import { type Database, type Queryable, transaction } from './connection.ts';
import { noteOperation } from './operations.ts';
import { inLine, insertMarker, landingLock } from './pages.ts';
import { suppressionOf } from './suppressed.ts';

export interface RowsToLand {
  readonly pipeline: string;
  /** The run that they become. */
  readonly run: string;
  readonly who: string;
  readonly seqs: readonly number[];
  readonly keyOf: PageToLand['keyOf'];
}

/**
 * Lands rows of landing once more, as a run of one page: origin, version and payload stay what they were. One
 * transaction; answers how many there were, which is less than were named where landing keeps some no more, or they may
 * not be kept.
 */
export async function landRows(database: Database, named: RowsToLand): Promise<number> {
  const { pipeline, run, who } = named;
  try {
    return await transaction(database, async (tx) => {
      await tx.query(landingLock, [pipeline]);
      const seqs = await keptOf(tx, named);
      // The payloads stay in the database: what is not read cannot be changed.
      const { rows } = await tx.query<{ count: number; seqs: string }>(
        `with landed as (
           insert into landing (pipeline, run, seq, origin, version, payload)
           select $1, $2, nextval('landing_seq'), origin, version, payload from (
             select origin, version, payload from landing where pipeline = $1 and seq = any($3) and payload <> '{}' order by seq
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
      await noteOperation(tx, { pipeline, verb: 'repair', who, asked: { run, seqs: named.seqs }, answer: counts });
      return landed;
    });
  } catch (error) {
    throw inLine({ pipeline, run, page: 1 }, error);
  }
}

/** Those of the rows whose keys are not suppressed. */
async function keptOf(tx: Queryable, { pipeline, seqs, keyOf }: RowsToLand): Promise<readonly number[]> {
  const suppression = await suppressionOf(tx, pipeline);
  if (suppression === undefined) return seqs;
  const { rows } = await tx.query<{ seq: number; payload: unknown }>(
    'select seq, payload from landing where pipeline = $1 and seq = any($2)',
    [pipeline, seqs],
  );
  const keys = new Map(rows.map(({ seq, payload }) => [seq, keyOf(payload)]));
  const found = await suppression([...keys.values()].filter((key) => key !== undefined));
  return seqs.filter((seq) => !found.has(keys.get(seq) ?? ''));
}
