import type { StartJobRun } from './request.ts';

const hourMs = 3_600_000;

/**
 * Whether a job run whose attempt just failed is tried again: a batch up to `maxAttempts` (default 1), a streaming job
 * until `maxFailedAttemptsPerHour` (default 5, 1 = never) attempts failed within an hour, the last one included.
 */
export function triesAgain(
  job: Pick<StartJobRun, 'mode' | 'retryPolicy'>,
  failedAtMs: readonly number[],
  nowMs: number,
): boolean {
  if (job.mode === 'BATCH') return failedAtMs.length < (job.retryPolicy.maxAttempts ?? 1);
  const withinTheHour = failedAtMs.filter((ms) => ms > nowMs - hourMs).length;
  return withinTheHour < (job.retryPolicy.maxFailedAttemptsPerHour ?? 5);
}
