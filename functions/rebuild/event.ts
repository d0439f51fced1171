import { z } from 'zod';

/** What a rebuild is asked: which table, or the cursor of one that is under way. */
export const rebuildEvent = z
  .strictObject({
    pipeline: z.string(),
    table: z.string(),
    /** Only says what it would do. */
    dryRun: z.boolean().default(true),
    /** Records per second. */
    rate: z.int().positive().max(20_000).default(2000),
    /** Whether what the topic holds no more is asked of the source again. */
    refetch: z.boolean().default(false),
    who: z.string().min(1).max(200),
    cursor: z.string().regex(/^\d+$/).optional(),
    /** Looks again and again for so long, until it is done. */
    seconds: z.int().nonnegative().max(270).default(0),
  })
  .refine(({ cursor, dryRun }) => cursor === undefined || !dryRun, {
    error: 'expected dryRun: false with a cursor, which is of a rebuild that has begun',
  });

export type RebuildEvent = z.infer<typeof rebuildEvent>;
