import { type ErrorCode, PipelineError } from '../../../streaming/errors.ts';

/** A run that stopped at its source. */
export function failed(
  code: ErrorCode,
  message: string,
  detail: { retriable: boolean; cause?: unknown },
): PipelineError {
  return new PipelineError(message, { code, at: 'source', ...detail });
}
