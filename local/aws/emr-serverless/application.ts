import { AwsError } from '../aws-error.ts';
import { JobRun } from './job-run.ts';
import { parseStartJobRun } from './request.ts';
import type { SparkSettings } from './spark-submit.ts';

/** How long AWS keeps an application started that has nothing to do. */
const idleMs = 15 * 60_000;

const invalid = (message: string) => new AwsError('ValidationException', 400, message);

/** The one application of this machine and its job runs; they are forgotten with the runner, as Spark ends with it. */
export class Application {
  readonly id: string;
  readonly createdAt = new Date();
  updatedAt = this.createdAt;
  readonly #settings: SparkSettings;
  readonly #log: (line: string) => void;
  readonly #jobRuns = new Map<string, JobRun>();
  readonly #tokens = new Map<string, JobRun>();
  #stoppedAt: number | undefined;

  constructor(id: string, settings: SparkSettings, log: (line: string) => void) {
    this.id = id;
    this.#settings = settings;
    this.#log = log;
  }

  /** A job run starts it, by itself; it stops when it is told to, or has been idle for as long as AWS waits. */
  get state(): 'CREATED' | 'STARTED' | 'STOPPED' {
    const [newest] = this.list();
    if (newest === undefined) return this.#stoppedAt === undefined ? 'CREATED' : 'STOPPED';
    if (this.#active().length > 0) return 'STARTED';
    const last = Math.max(...this.list().map((run) => run.updatedAt.getTime()));
    const isStopped = (this.#stoppedAt ?? 0) >= last || Date.now() - last > idleMs;
    return isStopped ? 'STOPPED' : 'STARTED';
  }

  #active(): JobRun[] {
    return this.list().filter((run) => !run.over);
  }

  /** The same token answers the same job run, whatever became of it. */
  startJobRun(body: unknown): JobRun {
    const request = parseStartJobRun(body);
    const known = this.#tokens.get(request.clientToken);
    if (known !== undefined) {
      if (JSON.stringify(known.request) === JSON.stringify(request)) return known;
      throw new AwsError(
        'ConflictException',
        409,
        `clientToken ${request.clientToken} was used for another request (job run ${known.id}); use a new one`,
      );
    }
    const run = new JobRun(request, this.#settings, this.#log);
    this.#jobRuns.set(run.id, run);
    this.#tokens.set(request.clientToken, run);
    run.start();
    return run;
  }

  jobRun(id: string): JobRun {
    const run = this.#jobRuns.get(id);
    if (run === undefined) throw new AwsError('ResourceNotFoundException', 404, `Job run ${id} does not exist`);
    return run;
  }

  /** Newest first. */
  list(): JobRun[] {
    return [...this.#jobRuns.values()].reverse();
  }

  cancelJobRun(id: string, graceSeconds: number): JobRun {
    const run = this.jobRun(id);
    if (run.over || run.state === 'CANCELLING') {
      throw invalid(`Job run ${id} cannot be cancelled: it is ${run.state}`);
    }
    run.cancel(graceSeconds);
    return run;
  }

  /** Only the refusal is real: there is nothing to size here. */
  update(): void {
    if (this.state === 'STARTED') {
      throw invalid(
        `Application ${this.id} must be in one of the following statuses [CREATED, STOPPED]. Current status: STARTED`,
      );
    }
    this.updatedAt = new Date();
  }

  /** Like AWS, not while job runs are active. */
  stopIdle(): void {
    const active = this.#active();
    if (active.length > 0) {
      const ids = active.map(({ id }) => id).join(', ');
      throw invalid(`Application ${this.id} cannot be stopped: it has active job runs (${ids}); cancel them first`);
    }
    this.#stoppedAt = Date.now();
  }

  /** Ends everything: the runner stops. */
  async stop(graceSeconds: number): Promise<void> {
    await Promise.all(this.list().map((run) => run.stop(graceSeconds)));
  }
}
