import { z } from 'zod';

/** The schedule says nothing, and means it. */
export const retainEvent = z.strictObject({
  /** Only says what it would do. */
  dryRun: z.boolean().default(false),
  who: z.string().min(1).max(200).default('the schedule'),
});
