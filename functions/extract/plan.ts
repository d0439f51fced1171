import type { Definition, PageAsk } from '../../streaming/definition.ts';
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
  const requested = wanted.records ?? pipeline.schedule.records;
  const most = maxRecordsPerRun(stepMs(pipeline.schedule.every));
  if (requested > most) {
    // Origins count the records of a run in microseconds; more would reach into the next instant.
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
  return { source: wanted.source ?? usualSource, requested, pageSize: Math.ceil(requested / pages), pages };
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

/** What one page asks of the source: a function of pipeline, instant and plan, so that asking again asks for the same. */
export function askFor(pipeline: Definition, instant: Date, plan: RunPlan, page: number): PageAsk {
  return {
    seed: `millrace-${pipeline.name}-${runName(instant).replaceAll(/[-:]/g, '')}`,
    page,
    size: plan.pageSize,
  };
}

/**
 * How many records of a page belong to the run. The last page is asked for whole, because many sources count pages by
 * their size: a smaller last page would give records of an earlier one again. What it gives too much is left out.
 */
export function wantedOf({ requested, pageSize, pages }: RunPlan, page: number): number {
  return pages === null ? pageSize : Math.min(pageSize, requested - (page - 1) * pageSize);
}
