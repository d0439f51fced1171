import type { Definition, PageAsk, PipelineRecord } from '../../streaming/definition.ts';
import { longestRecordBytes } from '../../streaming/fields.ts';
import { keyReaderOf } from '../../streaming/keys.ts';
import { type Projected, projectorOf } from '../../streaming/projection.ts';
import { originOf, versionSlackMicros } from '../../streaming/version.ts';
import type { DeadLetter, PageToLand, RunPlan, SourcePage } from '../ports.ts';
import { wantedOf } from './plan.ts';

export interface PageOfRun {
  readonly run: string;
  readonly instant: Date;
  readonly plan: RunPlan;
  readonly ask: PageAsk;
  /** Milliseconds since 1970: bounds the versions that records claim themselves. */
  readonly now: number;
}

export type Verdict =
  | { readonly ok: true; readonly version: number; readonly record: PipelineRecord }
  | { readonly ok: false; readonly reason: string; readonly field: string | null; readonly payload: unknown };

/** Judges what was projected of a record; `now` in milliseconds since 1970. */
export function verdictOn({ version: by }: Definition, projected: Projected, origin: number, now: number): Verdict {
  if (!projected.ok) return projected;
  const { record } = projected;
  if (by === undefined) return { ok: true, version: origin, record };
  const version = Number(record[by.field] ?? Number.NaN) * 1000;
  // The stream would take such a version for a foreign message.
  const isPossible = version >= 0 && version <= now * 1000 + versionSlackMicros;
  return isPossible ? { ok: true, version, record } : dead('bad_version', by.field, record);
}

/** Sorts a page's records into rows that land and dead letters; every record becomes exactly one of them. */
export function judgeOf(pipeline: Definition): (page: SourcePage, of: PageOfRun) => PageToLand {
  const project = projectorOf(pipeline);
  const keyOf = keyReaderOf(pipeline);

  const judge = (raw: unknown, origin: number, now: number): Verdict =>
    Buffer.byteLength(JSON.stringify(raw)) > longestRecordBytes
      ? dead('record_too_long', null, null)
      : verdictOn(pipeline, project(raw), origin, now);

  return (answer, { run, instant, plan, ask, now }) => {
    const records = answer.records.slice(0, wantedOf(plan, ask.page));
    const rows: PageToLand['rows'][number][] = [];
    const rejected: DeadLetter[] = [];
    for (const [index, raw] of records.entries()) {
      const origin = originOf(instant, (ask.page - 1) * plan.pageSize + index);
      const verdict = judge(raw, origin, now);
      if (verdict.ok) rows.push({ origin, version: verdict.version, payload: verdict.record });
      else rejected.push(deadLetter(run, origin, verdict));
    }
    return {
      pipeline: pipeline.name,
      run,
      page: ask.page,
      received: records.length,
      last: answer.last,
      rows,
      rejected,
      keyOf,
    };
  };
}

function dead(reason: string, field: string | null, payload: unknown): Verdict {
  return { ok: false, reason, field, payload };
}

function deadLetter(
  run: string,
  origin: number,
  { reason, field, payload }: Extract<Verdict, { ok: false }>,
): DeadLetter {
  return { identity: String(origin), run, at: 'source', reason, field, payload };
}
