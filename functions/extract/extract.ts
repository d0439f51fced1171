import type { Definition } from '../../streaming/definition.ts';
import { runName } from '../../streaming/schedule.ts';
import type { Measure } from '../metrics.ts';
import type { Landing, OpenRun, RunPlan, RunTotals, Source, Steps } from '../ports.ts';
import { admit, inPlace } from './admission.ts';
import { judgeOf } from './judge.ts';
import { fetchMeasured, landMeasured } from './measures.ts';
import { askFor, missingPages, planFor, refuseOtherPlan, refuseRefetch, type Wanted } from './plan.ts';

/** What extract needs of the world. */
export interface ExtractPorts {
  readonly landing: Landing;
  readonly steps: Steps;
  readonly sourceFor: (source: string) => Source;
  /** Source of a run that names none. */
  readonly usualSource: string;
  /** Milliseconds until this call is ended from outside. */
  readonly remainingMs: () => number;
  readonly measure: Measure;
}

export interface ExtractAnswer extends RunTotals {
  readonly run: string;
  readonly source: string;
  readonly requested: number;
  /** Whether the run's plan was on file already. */
  readonly adopted: boolean;
  /** False: the time ran out, ask again. */
  readonly done: boolean;
}

/** A page is begun only when this much time is left for it. */
const pageMs = 30_000;

/**
 * source -> landing, one run: its plan goes on file first, then every page that is not there yet is fetched, judged and
 * landed as one transaction, and the run is closed when all of them are. Called again, it does what is left.
 */
export async function extract(
  ports: ExtractPorts,
  pipeline: Definition,
  instant: Date,
  wanted: Wanted,
): Promise<ExtractAnswer> {
  const run = runName(instant);
  const plan = planFor(pipeline, wanted, ports.usualSource);
  const opened = await ports.landing.openRun(pipeline.name, run, instant, plan);
  refuseOtherPlan(run, wanted, opened);
  return land(ports, pipeline, { run, instant }, opened);
}

/**
 * The same records once more, for a table that lacks them: a run of its own that follows the plan of the instant's. Origins
 * and versions are those of then, so that every other table stays as it is.
 */
export async function refetch(
  ports: ExtractPorts,
  pipeline: Definition,
  instant: Date,
  table: string,
): Promise<ExtractAnswer> {
  const plan = await ports.landing.closedPlan(pipeline.name, runName(instant));
  refuseRefetch(pipeline, instant, table, plan);
  const run = `refetch:${table}:${runName(instant)}`;
  return land(ports, pipeline, { run, instant }, await ports.landing.openRun(pipeline.name, run, null, plan));
}

interface NamedRun {
  readonly run: string;
  readonly instant: Date;
}

async function land(
  ports: ExtractPorts,
  pipeline: Definition,
  named: NamedRun,
  { created, ...stored }: OpenRun,
): Promise<ExtractAnswer> {
  const { run } = named;
  if (!stored.closed && !stored.lastLanded) {
    await inPlace(ports.landing, pipeline, () => landMissingPages(ports, pipeline, named, stored, stored.pagesLanded));
  }
  const totals = await ports.landing.closeRun(pipeline.name, run);
  return { run, source: stored.source, requested: stored.requested, ...totals, adopted: !created, done: totals.closed };
}

/** Stops early, without an error, when the time runs out. */
async function landMissingPages(
  ports: ExtractPorts,
  pipeline: Definition,
  { run, instant }: NamedRun,
  plan: RunPlan,
  landed: readonly number[],
): Promise<void> {
  const { landing, steps } = ports;
  const source = ports.sourceFor(plan.source);
  const judge = judgeOf(pipeline);
  for (const page of missingPages(pipeline, plan, landed)) {
    if (ports.remainingMs() < pageMs) return;
    const ask = askFor(pipeline, instant, plan.pageSize, page);
    await admit(landing, pipeline, plan, ask.size);
    const answer = await fetchMeasured(source, pipeline, ask, ports.measure);
    const judged = judge(answer, { run, instant, plan, ask, now: Date.now() });
    const outcome = await landMeasured(landing, judged, ports.measure);
    if (judged.rows.length > 0) await steps.wake('relay', { pipeline: pipeline.name });
    // Another call is at work on the same open plan: the page on file decides, not this one's answer.
    if (plan.pages === null && (answer.last || outcome === 'present')) return;
  }
}
