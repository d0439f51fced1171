import type { Noun } from './nouns.ts';

/** Every way a run can fail. A bad record is never one of these: it becomes a dead letter. */
export const errorCodes = [
  'bad_definition',
  'bad_request',
  'instant_off_grid',
  'instant_in_future',
  'plan_conflict',
  'backpressure',
  'under_way',
  'source_unreachable',
  'source_refused',
  'source_bad_answer',
  'source_empty',
  'landing_unavailable',
  'topic_unavailable',
  'topic_truncated',
  'topic_ahead',
  'encode_failed',
  'schema_incompatible',
  'registry_unavailable',
  'table_unavailable',
  'column_changed',
  'stream_unavailable',
  'step_failed',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface PipelineErrorDetail {
  readonly code: ErrorCode;
  /** The noun at which the run stopped. */
  readonly at: Noun;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retriable: boolean;
  readonly cause?: unknown;
}

/** A run that could not be done. The message says what, expected, got, and what to do. */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
  readonly code: ErrorCode;
  readonly at: Noun;
  readonly retriable: boolean;

  constructor(message: string, detail: PipelineErrorDetail) {
    super(message, { cause: detail.cause });
    this.code = detail.code;
    this.at = detail.at;
    this.retriable = detail.retriable;
  }
}
