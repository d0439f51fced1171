import type { JobMode, JobState } from '../ports.ts';

/** Starting offsets by pipeline and partition, as they stand in `job_generations` and go to the job. */
export type StartingOffsets = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** One run of the Spark job. */
export interface Generation {
  readonly generation: number;
  readonly version: string;
  readonly mode: JobMode;
  readonly startingOffsets: StartingOffsets;
  /** null: written down, but not yet known to be started. */
  readonly jobRun: string | null;
}

export interface Situation {
  /** Version of the job that should run. */
  readonly version: string;
  readonly mode: JobMode;
  /** Least seconds from the start of one job that ends to the next. */
  readonly everySeconds: number;
  /** Seconds since the newest generation was opened; null before the first. */
  readonly sinceOpened: number | null;
  /** Pipelines that the next generation would host. */
  readonly hosted: readonly string[];
  /** Hosted pipelines whose tables have absorbed nothing for too long, although the topic has more for them. */
  readonly stalled: readonly string[];
  /** The generation that has not ended, if any. */
  readonly active: Generation | null;
  /** What became of its job; null while it has none. */
  readonly job: { readonly state: JobState; readonly detail: string } | null;
}

export type Decision =
  /** Write the next generation down. */
  | { readonly do: 'open' }
  /** Ask for its job run; asking twice gives the same one. */
  | { readonly do: 'start' }
  | { readonly do: 'cancel'; readonly reason: string }
  /** Its job run is over. */
  | { readonly do: 'end'; readonly reason: string }
  /** It is what it should be. */
  | { readonly do: 'keep' }
  /** Nothing can be done now. */
  | { readonly do: 'leave'; readonly reason: string };

const over: ReadonlySet<JobState> = new Set(['SUCCESS', 'FAILED', 'CANCELLED', 'UNKNOWN']);

/** What supervise does next. It is asked again after each action until there is nothing more to do now. */
export function decide(situation: Situation): Decision {
  const { stalled, active, job } = situation;
  if (active === null) return decideOnNext(situation);
  // Even one that is outdated: it may be running already, and only its id lets it be cancelled.
  if (job === null) return { do: 'start' };
  return decideOnJob(job, reasonToReplace(situation, active) ?? reasonToRestart(job.state, stalled));
}

/** Calls come by the minute: half of one too early is on time. */
const slackSeconds = 30;

function decideOnNext({ hosted, mode, everySeconds, sinceOpened }: Situation): Decision {
  if (hosted.length === 0) return leave('nothing to host');
  if (mode === 'streaming' || sinceOpened === null) return { do: 'open' };
  // However the last one ended: one that fails at once must not be started every minute.
  const rest = everySeconds - sinceOpened;
  return rest > slackSeconds ? leave(`the next job is due in ${Math.ceil(rest)} s`) : { do: 'open' };
}

function decideOnJob({ state, detail }: NonNullable<Situation['job']>, unfit: string | undefined): Decision {
  if (over.has(state)) return { do: 'end', reason: `${state} ${detail}`.trim() };
  if (state === 'CANCELLING') return leave('cancelling');
  if (unfit !== undefined) return { do: 'cancel', reason: unfit };
  return state === 'RUNNING' ? { do: 'keep' } : leave('pending');
}

const leave = (reason: string): Decision => ({ do: 'leave', reason });

/** A job that runs and does nothing is as bad as none; the next generation starts where the tables end. */
function reasonToRestart(state: JobState, stalled: readonly string[]): string | undefined {
  return state === 'RUNNING' && stalled.length > 0 ? `${stalled.join(', ')} absorbed nothing for too long` : undefined;
}

function reasonToReplace({ version, mode, hosted }: Situation, active: Generation): string | undefined {
  if (active.mode !== mode) return `mode ${mode} replaces ${active.mode}`;
  if (active.version !== version) return `version ${version} replaces ${active.version}`;
  const running = Object.keys(active.startingOffsets);
  const added = hosted.filter((name) => !running.includes(name));
  const removed = running.filter((name) => !hosted.includes(name));
  if (added.length > 0) return `to host ${added.join(', ')}`;
  return removed.length > 0 ? `to host no longer ${removed.join(', ')}` : undefined;
}
