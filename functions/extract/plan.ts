import { type Definition, isCounted, type PageAsk } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { runName, stepMs } from '../../streaming/schedule.ts';
import { maxRecordsPerRun } from '../../streaming/version.ts';
import type { RunPlan } from '../ports.ts';

/** What a trigger may say beside the instant; what it leaves open is taken from the stored plan, else from the definition. */
export interface Wanted {
  readonly records?: number | undefined;
  readonly source?: string | undefined;
}

/** The plan of a run that has none yet. */
export function planFor(pipeline: Definition, wanted: Wanted, usualSource: string): RunPlan {
  const { paging, maxPage } = pipeline.source;
  const source = wanted.source ?? usualSource;
  if (isCounted(pipeline)) return { source, ...countedPlan(pipeline, wanted.records ?? pipeline.schedule.records) };
  if (wanted.records !== undefined) throw notCounted(pipeline, wanted.records);
  const pageSize = paging === 'whole' ? maxPage : Math.min(pipeline.schedule.records, maxPage);
  return { source, requested: 0, pageSize, pages: null };
}

function countedPlan(pipeline: Definition, requested: number): Omit<RunPlan, 'source'> {
  const most = mostRecords(pipeline);
  if (requested > most) {
    throw new PipelineError(
      `records: expected at most ${most} in a run of ${pipeline.schedule.every}, got ${requested}`,
      {
        code: 'bad_request',
        at: 'source',
        retriable: false,
      },
    );
  }
  const pages = Math.ceil(requested / pipeline.source.maxPage);
  return { requested, pageSize: Math.ceil(requested / pages), pages };
}

/** Origins count the records of a run in microseconds; more would reach into the next instant. */
const mostRecords = ({ schedule }: Definition) => maxRecordsPerRun(stepMs(schedule.every));

function notCounted({ name }: Definition, records: number): PipelineError {
  return new PipelineError(
    `records: expected none, because the source of ${name} decides how many a run has, got ${records}; leave records out`,
    { code: 'bad_request', at: 'source', retriable: false },
  );
}

/** A run has one plan for ever: a trigger that names another one is refused, with both shown. */
export function refuseOtherPlan(run: string, wanted: Wanted, stored: RunPlan): void {
  const same =
    (wanted.records === undefined || wanted.records === stored.requested) &&
    (wanted.source === undefined || wanted.source === stored.source);
  if (same) return;
  const asked = { source: wanted.source ?? stored.source, records: wanted.records ?? stored.requested };
  throw new PipelineError(
    `plan of ${run}: expected the stored one (${stored.source}, ${stored.requested} records, ${stored.pages ?? 'open'} pages), ` +
      `got ${asked.source}, ${asked.records} records; name another instant, or leave records and source out to go on with it`,
    { code: 'plan_conflict', at: 'source', retriable: false },
  );
}

/** What is asked for once more must have been there, and still be there. */
export function refuseRefetch(
  { name, source, tables }: Definition,
  instant: Date,
  table: string,
  plan: RunPlan | undefined,
): asserts plan is RunPlan {
  const refused = (why: string) =>
    new PipelineError(`refetch of ${runName(instant)}: expected ${why}; nothing was begun`, {
      code: 'bad_request',
      at: 'source',
      retriable: false,
    });
  if (!(table in tables)) throw refused(`a table of ${name} (${Object.keys(tables).join(', ')}), got ${table}`);
  if (source.replayable === false)
    throw refused(`a source that gives old records again, got one that says it does not`);
  if (plan === undefined) throw refused('a closed run on file, got none: a backfill does what was never done');
}

/** In order. Those of an open plan go on until one is the last, or the run is full. */
export function* missingPages(pipeline: Definition, plan: RunPlan, landed: readonly number[]): Generator<number> {
  const onFile = new Set(landed);
  const most = plan.pages ?? Math.floor(mostRecords(pipeline) / plan.pageSize);
  for (let page = 1; page <= most; page += 1) if (!onFile.has(page)) yield page;
  if (plan.pages === null) throw endless(pipeline, most, plan.pageSize);
}

function endless({ name }: Definition, pages: number, pageSize: number): PipelineError {
  return new PipelineError(
    `${name}: expected a page with fewer than ${pageSize} records, got ${pages} full ones, which is all that a run can hold; ` +
      'does its query ask for another part of the window on every page?',
    { code: 'source_bad_answer', at: 'source', retriable: false },
  );
}

/** What one page asks of the source: a function of pipeline, instant and the plan's size, so that asking again asks for the same. */
export function askFor(pipeline: Definition, instant: Date, size: number, page: number): PageAsk {
  return {
    seed: `millrace-${pipeline.name}-${runName(instant).replaceAll(/[-:]/g, '')}`,
    page,
    size,
    from: new Date(instant.getTime() - stepMs(pipeline.schedule.every)).toISOString(),
    until: instant.toISOString(),
  };
}

/**
 * How many records of a page belong to the run. The last page is asked for whole, because many sources count pages by
 * their size: a smaller last page would give records of an earlier one again. What it gives too much is left out.
 */
export function wantedOf({ requested, pageSize, pages }: RunPlan, page: number): number {
  return pages === null ? pageSize : Math.min(pageSize, requested - (page - 1) * pageSize);
}
