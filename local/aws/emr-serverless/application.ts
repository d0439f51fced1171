import { AwsError } from '../aws-error.ts';
import { JobRun } from './job-run.ts';
import { parseStartJobRun } from './request.ts';
import type { SparkSettings } from './spark-submit.ts';

/** The one application of this machine and its job runs; they are forgotten with the runner, as Spark ends with it. */
export class Application {
  readonly id: string;
  readonly createdAt = new Date();
  updatedAt = this.createdAt;
  readonly #settings: SparkSettings;
  readonly #log: (line: string) => void;
  readonly #jobRuns = new Map<string, JobRun>();
  readonly #tokens = new Map<string, JobRun>();

  constructor(id: string, settings: SparkSettings, log: (line: string) => void) {
    this.id = id;
    this.#settings = settings;
    this.#log = log;
  }

  /** STARTED while a job run is active; otherwise stopped at once, where AWS waits 15 idle minutes. */
  get state(): 'CREATED' | 'STARTED' | 'STOPPED' {
    const runs = this.list();
    if (runs.length === 0) return 'CREATED';
    return runs.every((run) => run.over) ? 'STOPPED' : 'STARTED';
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
      throw new AwsError('ValidationException', 400, `Job run ${id} cannot be cancelled: it is ${run.state}`);
    }
    run.cancel(graceSeconds);
    return run;
  }

  /** Only the refusal is real: there is nothing to size here. */
  update(): void {
    if (this.state === 'STARTED') {
      throw new AwsError(
        'ValidationException',
        400,
        `Application ${this.id} must be in one of the following statuses [CREATED, STOPPED]. Current status: STARTED`,
      );
    }
    this.updatedAt = new Date();
  }

  async stop(graceSeconds: number): Promise<void> {
    await Promise.all(this.list().map((run) => run.stop(graceSeconds)));
  }
}
