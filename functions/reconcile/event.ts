import { z } from 'zod';
import { PipelineError } from '../../streaming/errors.ts';

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

export const reconcileEvent = z
  .strictObject({
    pipeline: z.string(),
    /** First moment looked at; a day ago, or the pipeline's first instant, unless said. */
    from: moment.optional(),
    /** Moments before this one; now unless said. */
    until: moment.optional(),
    /** These runs instead of an interval. */
    runs: z.array(z.string()).min(1).max(500).optional(),
    /** Every run in the answer; otherwise only those that do not balance. */
    each: z.boolean().default(false),
    /** Compares the rows of landing with those of the tables, key by key. */
    deep: z.boolean().default(false),
    /** Of the answer before, which was not done. */
    cursor: z.string().optional(),
  })
  .refine(({ deep, runs }) => !deep || runs === undefined, {
    error: 'expected deep with an interval, got it with runs',
  });

export type ReconcileEvent = z.infer<typeof reconcileEvent>;

/** Half open: [from, until). */
export interface Interval {
  readonly from: Date;
  readonly until: Date;
}

const lookBackMs = 24 * 3_600_000;

/** The interval that is meant, never beyond now; refuses one that ends before it starts. */
export function intervalOf({ from, until }: Partial<Interval>, first: Date | null, now: number): Interval {
  const end = new Date(Math.min(until?.getTime() ?? now, now));
  // Before prepare the pipeline owes nothing.
  const usual = first === null ? end : new Date(Math.max(end.getTime() - lookBackMs, first.getTime()));
  const start = from ?? (usual < end ? usual : end);
  if (start <= end) return { from: start, until: end };
  throw new PipelineError(
    `interval: expected one that starts before it ends, and not in the future, got from ${start.toISOString()} ` +
      `until ${end.toISOString()}`,
    { code: 'bad_request', at: 'landing', retriable: false },
  );
}
