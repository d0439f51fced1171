import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelineError } from '../../../streaming/errors.ts';
import { failed } from './failed.ts';

/** How often and how fast a source is asked again. */
export interface Pace {
  readonly retries: number;
  /** Upper end of the first pause; it doubles with every retry. */
  readonly firstPauseMs: number;
  /** No pause is longer: a source that asks for more is left to a later run. */
  readonly longestPauseMs: number;
}

/** Wraps a failure that may pass by itself. */
export class TryAgain extends Error {
  readonly failure: PipelineError;
  readonly retryAfter: string | null;

  constructor(failure: PipelineError, retryAfter: string | null = null) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.retryAfter = retryAfter;
  }
}

/** Calls until it succeeds, fails for good, or has been retried often enough. */
export async function patiently<T>(pace: Pace, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof TryAgain)) throw error;
      if (retry === pace.retries) throw error.failure;
      await pause(pauseMs(pace, retry, error.retryAfter, Date.now()), pace, signal, error.failure);
    }
  }
}

/**
 * Full jitter: anything between nothing and the doubled pause, so that callers that failed together come back apart.
 * Never sooner than the source asked for.
 */
export function pauseMs(pace: Pace, retry: number, retryAfter: string | null, now: number): number {
  const jittered = Math.random() * Math.min(pace.longestPauseMs, pace.firstPauseMs * 2 ** retry);
  return Math.max(jittered, retryAfterMs(retryAfter, now));
}

/** Retry-After is a number of seconds or an HTTP date. */
function retryAfterMs(text: string | null, now: number): number {
  if (text === null) return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

async function pause(ms: number, pace: Pace, signal: AbortSignal, failure: PipelineError): Promise<void> {
  if (ms > pace.longestPauseMs) throw failure;
  try {
    await sleep(ms, undefined, { signal });
  } catch (cause) {
    throw failed(failure.code, `${failure.message}; no time was left to ask again`, { retriable: true, cause });
  }
}
