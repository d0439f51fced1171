import { z } from 'zod';
import type { Definition } from '../../streaming/definition.ts';
import { checkedInstant, instantOf, runName } from '../../streaming/schedule.ts';

/** What a trigger says: a scheduler the time it fired at, everybody else the instant they mean. */
export const extractEvent = z
  .strictObject({
    pipeline: z.string(),
    /** On the grid, or refused. */
    instant: z.string().optional(),
    /** Taken back to the grid: schedulers fire a moment late. */
    time: z.iso.datetime({ offset: true }).optional(),
    records: z.int().positive().optional(),
    source: z.string().optional(),
    /** A table that lacks this instant: its run is asked of the source once more, as a run of its own. */
    refetch: z.string().optional(),
  })
  .refine(({ refetch, records, source }) => refetch === undefined || (records ?? source) === undefined, {
    error: 'expected neither records nor source with refetch, which follows the plan on file',
  })
  .refine(({ instant, time }) => (instant === undefined) !== (time === undefined), {
    error: 'expected either instant or time',
  });

export type ExtractEvent = z.infer<typeof extractEvent>;

/** The run's instant; never one that has not come. */
export function instantOfEvent({ schedule }: Definition, { instant, time }: ExtractEvent, now: Date): Date {
  const text = instant ?? runName(instantOf(schedule.every, new Date(time ?? '')));
  return checkedInstant(schedule.every, text, now);
}
