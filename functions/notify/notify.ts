import type { Definition } from '../../streaming/definition.ts';
import type { Measure } from '../metrics.ts';
import type { NotifyEvent } from './event.ts';

/** What `operations` calls a run of a DAG that failed. */
export const failedDag = 'failed-dag';

export interface NotifyPorts {
  /** Keeps it; `*` is every pipeline. */
  readonly keep: (failure: NotifyEvent & { readonly pipeline: string }) => Promise<void>;
  readonly measure: Measure;
}

/** A run of a DAG has failed: kept for `status`, and counted, which rings the alarm. */
export async function notify(
  { keep, measure }: NotifyPorts,
  pipelines: readonly Pick<Definition, 'name'>[],
  event: NotifyEvent,
): Promise<NotifyEvent> {
  for (const { name } of pipelines) measure(name, { FailedDags: 1 });
  await keep({ ...event, pipeline: event.pipeline ?? '*' });
  return event;
}
