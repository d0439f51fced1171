import { openDatabase } from '../../functions/adapters/postgres/connection.ts';
import { postgresLanding } from '../../functions/adapters/postgres/runs.ts';
import { judgeOf } from '../../functions/extract/judge.ts';
import { askFor } from '../../functions/extract/plan.ts';
import type { PageToLand } from '../../functions/ports.ts';
import { type BenchPath, nextInstant, pipeline } from './platform.ts';

/** The pages that extract would land in one run, fetched and judged ahead. */
export async function pagesOf(bench: BenchPath, count: number, rows: number): Promise<PageToLand[]> {
  const run = nextInstant();
  const plan = planOf(count, rows);
  const judge = judgeOf(pipeline);
  const pages: PageToLand[] = [];
  for (let page = 1; page <= count; page += 1) {
    const ask = askFor(pipeline, new Date(run), plan.pageSize, page);
    const answer = await fetch(`${bench.source}?seed=${ask.seed}&page=${page}&results=${rows}`);
    const { results } = (await answer.json()) as { results: unknown[] };
    pages.push(judge({ records: results, last: false }, { run, instant: new Date(run), plan, ask, now: Date.now() }));
  }
  return pages;
}

const planOf = (pages: number, rows: number) => ({ source: 'bench', requested: pages * rows, pageSize: rows, pages });

/** The landing as extract sees it, with the pages' run on file. */
export async function openLanding({ up }: BenchPath, pages: readonly PageToLand[]) {
  const login = up.credentials.postgres.superuser;
  const secret = { host: '127.0.0.1', port: up.ports.postgres, database: 'millrace', ...login };
  const database = await openDatabase(
    async () => secret,
    () => undefined,
  );
  const landing = postgresLanding(database);
  const [first] = pages;
  if (first === undefined) throw new Error('a run of the bench: expected pages, got none');
  await landing.openRun(pipeline.name, first.run, new Date(first.run), planOf(pages.length, first.received));
  return { landing, close: () => database.end() };
}
