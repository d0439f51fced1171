import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { StartJobRun } from './request.ts';
import { triesAgain } from './retry.ts';
import { lastLines, type SparkSettings, signalGroup, startSparkSubmit } from './spark-submit.ts';

export type JobRunState = 'SUBMITTED' | 'PENDING' | 'RUNNING' | 'CANCELLING' | 'CANCELLED' | 'SUCCESS' | 'FAILED';

const ended: readonly JobRunState[] = ['CANCELLED', 'SUCCESS', 'FAILED'];
/** Pause before the next attempt, so that a job that dies at once does not spin. */
const retryPauseMs = 1000;

/** One job run: a spark-submit, started again as its retry policy says. */
export class JobRun {
  readonly id = randomBytes(8).toString('hex');
  readonly request: StartJobRun;
  readonly createdAt = new Date();
  updatedAt = this.createdAt;
  state: JobRunState = 'SUBMITTED';
  details = '';
  attempt = 1;
  readonly #settings: SparkSettings;
  readonly #log: (line: string) => void;
  readonly #failedAtMs: number[] = [];
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(request: StartJobRun, settings: SparkSettings, log: (line: string) => void) {
    this.request = request;
    this.#settings = settings;
    this.#log = log;
  }

  get over(): boolean {
    return ended.includes(this.state);
  }

  get logFile(): string {
    return join(this.#settings.logDir, `spark-${this.id}-${this.attempt}.log`);
  }

  start(): void {
    this.#done = this.#runAttempt();
  }

  /** SIGTERM to the whole group, SIGKILL once the grace is over; between two attempts there is nobody to wait for. */
  cancel(graceSeconds: number): void {
    clearTimeout(this.#timer);
    if (this.#child === null) {
      this.#become('CANCELLED', 'cancelled before it ran');
      return;
    }
    const child = this.#child;
    this.#become('CANCELLING', `SIGTERM sent, SIGKILL follows after ${graceSeconds} s`);
    signalGroup(child, 'SIGTERM');
    this.#timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceSeconds * 1000);
  }

  /** Cancels what still runs and waits until it is gone. */
  async stop(graceSeconds: number): Promise<void> {
    if (!this.over && this.state !== 'CANCELLING') this.cancel(graceSeconds);
    await this.#done;
  }

  async #runAttempt(): Promise<void> {
    const files = { log: this.logFile, properties: join(this.#settings.logDir, `spark-${this.id}.properties`) };
    const child = await startSparkSubmit(this.request, this.#settings, files);
    const exit = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => resolve(signal === null ? `exit status ${code}` : `signal ${signal}`));
    });
    this.#child = child;
    // A cancel may have come while the files were written.
    if (this.over) signalGroup(child, 'SIGKILL');
    else this.#become('RUNNING');
    const how = await exit;
    clearTimeout(this.#timer);
    // Whatever the driver left behind in its group, the watcher of the lifeline at least, goes with it.
    signalGroup(child, 'SIGKILL');
    this.#child = null;
    await this.#conclude(how);
  }

  async #conclude(how: string): Promise<void> {
    if (this.over) return;
    if (this.state === 'CANCELLING') return this.#become('CANCELLED', how);
    if (how === 'exit status 0') return this.#become('SUCCESS');
    const details = `attempt ${this.attempt}: ${how}; ${this.logFile} ends with:\n${await lastLines(this.logFile)}`;
    this.#failedAtMs.push(Date.now());
    if (!triesAgain(this.request, this.#failedAtMs, Date.now())) return this.#become('FAILED', details);
    this.#become('PENDING', details);
    this.attempt += 1;
    this.#timer = setTimeout(() => this.start(), retryPauseMs);
  }

  #become(state: JobRunState, details = ''): void {
    this.state = state;
    this.details = details;
    this.updatedAt = new Date();
    this.#log(`job run ${this.id} (${this.request.name ?? 'unnamed'}): ${state}${details && `: ${details}`}`);
  }
}
