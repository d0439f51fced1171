import { z } from 'zod';

/** What Airflow says of a run of a DAG that failed. */
export const notifyEvent = z.strictObject({
  /** null: the DAG is about all of them. */
  pipeline: z.string().nullable(),
  dag: z.string().min(1).max(250),
  run: z.string().min(1).max(250),
  why: z.string().max(1000).nullish(),
});

export type NotifyEvent = z.infer<typeof notifyEvent>;
