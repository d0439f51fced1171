import { type StepClient, StepFailure } from '../step-client.ts';
import { type Hole, missingInstants } from './instants.ts';
import { runInstant, type Waits } from './run-instant.ts';

export interface BackfillOptions extends Hole {
  /** Runs at once. */
  readonly concurrency: number;
  readonly onProgress: (done: number, text: string) => void;
  readonly signal: AbortSignal;
  readonly waits?: Waits;
}

export interface Filled {
  readonly done: number;
  readonly failed: readonly { readonly instant: string; readonly why: string }[];
  /** Whether it gave up, because one failed after the other. */
  readonly gaveUp: boolean;
  /** Whether somebody ended it. */
  readonly interrupted: boolean;
}

/** So many that fail one after the other are no longer bad luck. */
const mostInARow = 5;

/**
 * Runs what is missing, a few at once, oldest first. Nothing is kept of how far it came: what is closed is no longer
 * missing, so that a second call does what is left.
 */
export async function backfill(steps: Pick<StepClient, 'call'>, options: BackfillOptions): Promise<Filled> {
  const { pipeline, concurrency, onProgress, signal } = options;
  const aborted = abortionOf(signal);
  const instants = missingInstants(steps, options);
  const failed: { instant: string; why: string }[] = [];
  let done = 0;
  let inARow = 0;
  const one = async (instant: string) => {
    try {
      const onWait = (why: string) => onProgress(done, `waits: ${why}`);
      await Promise.race([runInstant(steps, { ...options, pipeline: pipeline.name, instant, onWait }), aborted]);
      done += 1;
      inARow = 0;
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      failed.push({ instant, why: error.message });
      inARow += 1;
    }
    onProgress(done, instant);
  };
  const worker = async () => {
    while (inARow < mostInARow && !signal.aborted) {
      const next = await instants.next();
      if (next.done) return;
      await one(next.value);
    }
  };
  const workers = Array.from({ length: concurrency }, () => worker().catch(unlessAborted(signal)));
  await Promise.all(workers);
  return { done, failed, gaveUp: inARow >= mostInARow, interrupted: signal.aborted };
}

/** Rejects once the signal aborts. A call that is under way goes on without us: the next backfill sees what came of it. */
function abortionOf(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  return aborted;
}

function unlessAborted(signal: AbortSignal) {
  return (error: unknown) => {
    if (!signal.aborted) throw error;
  };
}
