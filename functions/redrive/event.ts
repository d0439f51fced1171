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

/** What a redrive is asked: which letters, or the cursor of a call that ran out of time. */
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
    /** Answers after so long with a cursor, for who wants to see progress. */
    seconds: z.int().positive().max(280).default(280),
  })
  .refine(({ filter, cursor }) => (filter === undefined) !== (cursor === undefined), {
    error: 'expected a filter, or the cursor of a redrive that has begun',
  });

export type RedriveEvent = z.infer<typeof redriveEvent>;
