import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'cassandra-driver';
import type { Account } from '../../functions/ports.ts';
import type { Definition, PipelineRecord } from '../../streaming/definition.ts';
import { type StepClient, StepFailure } from '../step-client.ts';
import { presenceIn } from '../table-reader.ts';
import { whenFree } from '../when-free.ts';
import { LatencyProbe } from './latency.ts';
import { readBack } from './readback.ts';
import { imbalances, type Verdict, verdictOf } from './verdict.ts';

export interface OnceOptions {
  readonly pipeline: Definition;
  /** ISO instant of the run. */
  readonly instant: string;
  readonly records: number | undefined;
  readonly source: string | undefined;
  /** Seconds that the platform took to start; 0 when it was up. */
  readonly startSeconds: number;
  /** Gives up when nothing has moved for this long. */
  readonly stallSeconds: number;
  readonly onProgress: (account: Account) => void;
  readonly signal: AbortSignal;
}

export interface OnceResult {
  readonly verdict: Verdict;
  /** Why it does not balance. */
  readonly problems: readonly string[];
}

interface InspectedKey {
  readonly seq: number;
  readonly version: number;
  readonly landedAt: string;
  readonly key: PipelineRecord;
  readonly isErased: boolean;
  readonly isDead: boolean;
}

const sampledKeys = 50;
const lookMs = 100;
const keysPerAnswer = 5000;

/** Does one run and follows it to the end of the path: every record covered, then read back from every table. */
export async function runOnce(steps: StepClient, tables: Client, options: OnceOptions): Promise<OnceResult> {
  const started = performance.now();
  const probe = new LatencyProbe();
  const run = extractRun(steps, options);
  const account = await followRun(steps, tables, options, probe, run).finally(() => probe.stop());
  const path = (performance.now() - started) / 1000;
  // Who died is known only now. A dead record's key may well be in a table, by another version of the record.
  const alive = (await keysAfter(steps, options, 0)).filter(({ isDead }) => !isDead);
  // An erased one was in the tables, and its key is not known any more.
  const kept = alive.filter(({ isErased }) => !isErased);
  const erased = alive.length - kept.length;
  const table = await readBack(tables, options.pipeline, kept);
  const seconds = { start: round(options.startSeconds), path: round(path) };
  const verdict = verdictOf(account, { table, erased, seconds, latencies: probe.latencies });
  return { verdict, problems: imbalances(account, table, erased) };
}

/** Extract answers before its deadline even when the run is not done, or puts a page off: it is then called again. */
async function extractRun(
  steps: StepClient,
  { pipeline, instant, records, source, signal }: OnceOptions,
): Promise<void> {
  const event = { pipeline: pipeline.name, instant, records, source };
  for (;;) {
    const answer = await steps.call<{ closed: boolean }>('extract', event).catch(putOff);
    if (answer.closed) return;
    await sleep(1000, undefined, { signal });
  }
}

/** Backpressure is no failure: the path catches up, or the source's quota comes back. */
function putOff(error: unknown): { closed: false } {
  if (error instanceof StepFailure && error.code === 'backpressure') return { closed: false };
  throw error;
}

/** Watches the run until every record that landed is covered, putting some of its keys under the probe on the way. */
async function followRun(
  steps: StepClient,
  tables: Client,
  options: OnceOptions,
  probe: LatencyProbe,
  extract: Promise<void>,
): Promise<Account> {
  const extracted = settledFlag(extract);
  const stall = stallClock(options.stallSeconds);
  const every = Math.max(1, Math.floor((options.records ?? options.pipeline.schedule.records) / sampledKeys));
  const watch = sampler(tables, options, probe);
  let seen = 0;
  for (;;) {
    options.signal.throwIfAborted();
    // A failed extract ends the wait at once, with its reason.
    await Promise.race([extracted.failed, sleep(lookMs)]);
    const isLanded = extracted.done();
    const fresh = await keysAfter(steps, options, seen, every);
    seen = fresh.at(-1)?.seq ?? seen;
    watch(fresh);
    const account = await accountOf(steps, options);
    if (account === undefined) continue;
    options.onProgress(account);
    if ((isLanded && isThrough(account)) || stall.isOver(account, isLanded)) return account;
  }
}

/** Whether nothing of the run is on its way any more. */
const isThrough = ({ landed, covered, erased, lost }: Account) => covered + erased + lost >= landed;

/** Whether a promise is fulfilled yet; `failed` rejects when it does and never resolves. */
function settledFlag(promise: Promise<void>) {
  let done = false;
  const failed = promise.then(() => {
    done = true;
    return new Promise<never>(() => {});
  });
  return { failed, done: () => done };
}

async function accountOf(steps: StepClient, { pipeline, instant }: OnceOptions): Promise<Account | undefined> {
  const answer = await whenFree<{ account: Account | null }>(steps, 'inspect', {
    question: 'account',
    pipeline: pipeline.name,
    run: instant,
  });
  return answer.account ?? undefined;
}

async function keysAfter(
  steps: StepClient,
  { pipeline, instant }: OnceOptions,
  after: number,
  every = 1,
): Promise<InspectedKey[]> {
  const question = { question: 'keys', pipeline: pipeline.name, run: instant, limit: keysPerAnswer, every };
  const keys: InspectedKey[] = [];
  for (;;) {
    const last = keys.at(-1)?.seq ?? after;
    const { rows } = await whenFree<{ rows: InspectedKey[] }>(steps, 'inspect', { ...question, after: last });
    keys.push(...rows);
    if (rows.length < keysPerAnswer) return keys;
  }
}

/** Puts keys under the probe: a sample of a run, or all of a small one. */
function sampler(tables: Client, { pipeline }: OnceOptions, probe: LatencyProbe) {
  const since = Date.now();
  const checks = Object.keys(pipeline.tables).map((table) => presenceIn(tables, pipeline, table));
  return (keys: readonly InspectedKey[]) => {
    const samples = keys
      .map((key) => ({ landedAtMs: Date.parse(key.landedAt), isVisible: () => isInAll(checks, key) }))
      // A run that was there before has no latency any more.
      .filter(({ landedAtMs }) => landedAtMs >= since);
    probe.watch(samples);
  };
}

type Check = ReturnType<typeof presenceIn>;

/** One table after the other: while the first has not got it, nobody asks the rest. */
async function isInAll(checks: readonly Check[], key: InspectedKey): Promise<boolean> {
  for (const check of checks) if (!(await check(key))) return false;
  return true;
}

/** Over when the numbers have stood still for the given time: the verdict then says what is missing. */
function stallClock(seconds: number) {
  let last = '';
  let movedAt = performance.now();
  return {
    isOver(account: Account, extracted: boolean): boolean {
      const now = JSON.stringify([account.landed, account.published, account.covered]);
      if (now !== last || !extracted) {
        last = now;
        movedAt = performance.now();
      }
      return performance.now() - movedAt > seconds * 1000;
    },
  };
}

const round = (seconds: number) => Math.round(seconds * 10) / 10;
