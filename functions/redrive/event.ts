import { z } from 'zod';
import { letterFilter } from '../filter.ts';

const filter = z
  .strictObject({ ...letterFilter, parked: z.boolean().default(false) })
  .refine(({ parked: _, ...named }) => Object.values(named).some((value) => value !== undefined), {
    error: 'expected at least one of at, reason, run, identities, since, until: a redrive of everything is refused',
  })
  .refine(({ since, until }) => since === undefined || until === undefined || since < until, {
    error: 'expected an interval that ends after it starts',
  })
  .refine(({ since }) => since === undefined || since.getTime() <= Date.now(), {
    error: 'expected since to have passed',
  });

/** Rows of one call, which are one page of a run of their own. */
const mostRows = 1000;

/** What a redrive is asked: which letters, the cursor of a call that ran out of time, or rows of landing by their seq. */
export const redriveEvent = z
  .strictObject({
    pipeline: z.string(),
    filter: filter.optional(),
    /** Only says what it would do. */
    dryRun: z.boolean().default(true),
    limit: z.int().positive().max(1_000_000).default(100_000),
    /** Records per second. */
    rate: z.int().positive().max(10_000).default(1000),
    who: z.string().min(1).max(200),
    cursor: z.string().optional(),
    /** Rows that reconcile has found to be in no table. */
    rows: z.array(z.int().positive()).min(1).max(mostRows).optional(),
    /** Answers after so long with a cursor, for who wants to see progress. */
    seconds: z.int().positive().max(280).default(280),
  })
  .refine((asked) => [asked.filter, asked.cursor, asked.rows].filter((one) => one !== undefined).length === 1, {
    error: 'expected a filter, or the cursor of a redrive that has begun, or rows',
  })
  .refine(({ rows, dryRun }) => rows === undefined || !dryRun, {
    error: 'expected dryRun: false with rows, which are named one by one',
  });

export type RedriveEvent = z.infer<typeof redriveEvent>;
