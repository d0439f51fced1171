import { runInstant, type Waits } from '../backfill/run-instant.ts';
import { type StepClient, StepFailure } from '../step-client.ts';

export interface FetchAgain {
  readonly pipeline: string;
  /** The table that lacks them. */
  readonly table: string;
  readonly instants: readonly string[];
  readonly onProgress: (done: number, text: string) => void;
  readonly signal: AbortSignal;
  readonly waits: Waits;
}

export interface Fetched {
  readonly done: number;
  readonly failed: readonly { readonly instant: string; readonly why: string }[];
}

/** Has every instant land once more, oldest first, each as a run of its own; the same call again does what is left. */
export async function fetchAgain(
  steps: Pick<StepClient, 'call'>,
  { instants, onProgress, table, ...asked }: FetchAgain,
): Promise<Fetched> {
  const failed: { instant: string; why: string }[] = [];
  let done = 0;
  for (const instant of instants) {
    const onWait = (why: string) => onProgress(done, `waits: ${why}`);
    const why = await failureOf(runInstant(steps, { ...asked, instant, refetch: table, onWait }));
    if (asked.signal.aborted) break;
    if (why === undefined) done += 1;
    else failed.push({ instant, why });
    onProgress(done, instant);
  }
  return { done, failed };
}

/** Why a step failed, or undefined; a call that was broken off has not failed. */
async function failureOf(work: Promise<void>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof StepFailure) return error.message;
    if (error instanceof Error && error.name === 'AbortError') return undefined;
    throw error;
  }
}
