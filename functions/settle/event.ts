import { z } from 'zod';

/** A form whose field was left empty says null. */
const moment = z.iso
  .datetime({ offset: true })
  .nullish()
  .transform((text) => (text ? new Date(text) : undefined));

export const settleEvent = z.strictObject({
  pipeline: z.string(),
  from: moment,
  to: moment,
  dryRun: z.boolean().default(false),
});

export type SettleEvent = z.infer<typeof settleEvent>;
