import { PipelineError } from '../../../streaming/errors.ts';
import type { DeadLetter, Landed, PageToLand } from '../../ports.ts';
import { codeOf, type Database, type Queryable, transaction } from './connection.ts';
import { type Suppression, suppressionOf } from './suppressed.ts';

/**
 * One lock per pipeline for everything that draws `landing.seq`: the relay's cursor may trust that a row with a smaller
 * seq never appears later. Held until the transaction ends.
 */
export const landingLock = `select pg_advisory_xact_lock(hashtextextended('landing:' || $1, 0))`;

/** Lands a page in one transaction; a page whose marker is on file changes nothing. */
export async function landPage(database: Database, judged: PageToLand): Promise<Landed | 'present'> {
  try {
    return await transaction(database, async (tx) => {
      await tx.query(landingLock, [judged.pipeline]);
      // Under the lock, so that of two callers with the same page the second sees what the first has landed.
      if (await isOnFile(tx, judged)) return 'present';
      // Under the lock too: from when a key is suppressed nothing of it lands.
      const suppression = await suppressionOf(tx, judged.pipeline);
      const page = suppression === undefined ? judged : await withoutSuppressed(judged, suppression);
      const seqs = await insertRows(tx, page);
      if (page.rejected.length > 0) await insertDeadLetters(tx, page);
      const counts = { landed: page.rows.length, rejected: page.rejected.length };
      await insertMarker(tx, { ...page, ...counts }, seqs);
      return counts;
    });
  } catch (error) {
    throw inLine(judged, error);
  }
}

/** The page without what may not be kept: such records are rejected, and of what was said of them nothing is left. */
async function withoutSuppressed(page: PageToLand, suppression: Suppression): Promise<PageToLand> {
  const keyed = <T extends { payload: unknown }>(all: readonly T[]) =>
    all.map((one) => ({ one, key: page.keyOf(one.payload) }));
  const [rows, rejected] = [keyed(page.rows), keyed(page.rejected)];
  const found = await suppression([...rows, ...rejected].flatMap(({ key }) => key ?? []));
  if (found.size === 0) return page;
  const isKept = ({ key }: { key: string | undefined }) => key === undefined || !found.has(key);
  const nothingOf = (identity: string): DeadLetter => ({
    identity,
    run: page.run,
    at: 'source',
    reason: suppressed,
    field: null,
    payload: null,
  });
  return {
    ...page,
    rows: rows.filter(isKept).map(({ one }) => one),
    rejected: [
      ...rejected.map((letter) => (isKept(letter) ? letter.one : nothingOf(letter.one.identity))),
      ...rows.flatMap((row) => (isKept(row) ? [] : nothingOf(String(row.one.origin)))),
    ],
  };
}

/** An error while a page lands, said as what it is when its lock was not to be had. */
export function inLine(page: Pick<PageToLand, 'pipeline' | 'run' | 'page'>, error: unknown): unknown {
  return codeOf(error) === lockNotAvailable ? stoodInLine(page, error) : error;
}

const lockNotAvailable = '55P03';

async function isOnFile(tx: Queryable, { pipeline, run, page }: PageToLand): Promise<boolean> {
  const { rowCount } = await tx.query('select from pages where pipeline = $1 and run = $2 and page = $3', [
    pipeline,
    run,
    page,
  ]);
  return rowCount === 1;
}

/** Answers the range of seq that the rows took; `empty` when there are none. */
export async function insertRows(
  tx: Queryable,
  { pipeline, run, rows }: Pick<PageToLand, 'pipeline' | 'run' | 'rows'>,
): Promise<string> {
  const { rows: answer } = await tx.query<{ seqs: string }>(
    // One JSON text and two lists of numbers: an array of jsonb costs twice the CPU to escape and parse.
    `with landed as (
       insert into landing (pipeline, run, seq, origin, version, payload)
       select $1, $2, nextval('landing_seq'), origin, version, payload
       from rows from (jsonb_array_elements($3::jsonb), unnest($4::bigint[]), unnest($5::bigint[]))
         as r (payload, origin, version)
       returning seq
     )
     -- A range without bounds would be all numbers, not none.
     select case count(*) when 0 then 'empty' else int8range(min(seq), max(seq), '[]') end::text as seqs from landed`,
    [
      pipeline,
      run,
      JSON.stringify(rows.map((row) => row.payload)),
      `{${rows.map((row) => row.origin).join()}}`,
      `{${rows.map((row) => row.version).join()}}`,
    ],
  );
  return answer[0]?.seqs ?? 'empty';
}

/** Why a record of a suppressed key is rejected; its letter is one that nobody redrives. */
export const suppressed = 'suppressed';

async function insertDeadLetters(tx: Queryable, { pipeline, rejected }: PageToLand): Promise<void> {
  await tx.query(
    `insert into dead_letters (pipeline, identity, run, at, reason, field, payload, state)
     select $1, identity, run, at, reason, field, payload, case reason when '${suppressed}' then 'erased' else 'open' end
     from jsonb_to_recordset($2::jsonb) as d (identity text, run text, at text, reason text, field text, payload jsonb)
     on conflict (pipeline, identity) do update
       set reason = excluded.reason, field = excluded.field, payload = excluded.payload,
           attempts = dead_letters.attempts + 1`,
    [pipeline, JSON.stringify(rejected)],
  );
}

/** What a page's marker says of it. */
export interface PageCounts {
  readonly pipeline: string;
  readonly run: string;
  readonly page: number;
  readonly received: number;
  readonly landed: number;
  readonly rejected: number;
  readonly last: boolean;
}

export async function insertMarker(tx: Queryable, page: PageCounts, seqs: string): Promise<void> {
  await tx.query(
    `insert into pages (pipeline, run, page, received, landed, rejected, rows, last)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [page.pipeline, page.run, page.page, page.received, page.landed, page.rejected, seqs, page.last],
  );
}

function stoodInLine(
  { pipeline, run, page }: Pick<PageToLand, 'pipeline' | 'run' | 'page'>,
  cause: unknown,
): PipelineError {
  return new PipelineError(
    `landing of ${pipeline}: expected its lock within the lock timeout, got none for page ${page} of ${run}; ` +
      'another run is landing, it is tried again',
    { code: 'landing_unavailable', at: 'landing', retriable: true, cause },
  );
}
