/** Every step that carries records, with what it needs where it runs. AWS and the local runner read the same table. */
export interface StepSpec {
  readonly name: string;
  readonly what: string;
  /** Steps that are called synchronously stay at or under 300 s. */
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** How many may run at once, of each pipeline where it is called per pipeline; more are told to come back (429). */
  readonly concurrency: number;
  /** Called on the schedule as well: by the minute, hourly, or at every instant of a pipeline. */
  readonly schedule: 'instant' | 'minute' | 'hour' | 'none';
  /** One call per pipeline, or one for all. */
  readonly per: 'pipeline' | 'stage';
}

export const steps = [
  {
    name: 'prepare',
    what: 'makes every store ready',
    timeoutSeconds: 300,
    memoryMb: 512,
    concurrency: 1,
    schedule: 'none',
    per: 'stage',
  },
  {
    name: 'extract',
    what: 'source -> landing, one run',
    timeoutSeconds: 300,
    memoryMb: 512,
    concurrency: 2,
    schedule: 'instant',
    per: 'pipeline',
  },
  {
    name: 'relay',
    what: 'landing -> topic, until empty',
    timeoutSeconds: 300,
    memoryMb: 512,
    concurrency: 2,
    schedule: 'minute',
    per: 'pipeline',
  },
  {
    name: 'audit',
    what: 'coverage and dead letters -> PostgreSQL',
    timeoutSeconds: 60,
    memoryMb: 256,
    concurrency: 4,
    schedule: 'none',
    per: 'stage',
  },
  {
    name: 'supervise',
    what: 'keeps one generation of the Spark job running',
    timeoutSeconds: 60,
    memoryMb: 256,
    concurrency: 1,
    schedule: 'minute',
    per: 'stage',
  },
  {
    name: 'settle',
    what: 'runs the instants that were missed',
    timeoutSeconds: 300,
    memoryMb: 256,
    concurrency: 1,
    schedule: 'hour',
    per: 'pipeline',
  },
  {
    name: 'reconcile',
    what: 'finds what is not where it should be',
    timeoutSeconds: 300,
    memoryMb: 512,
    concurrency: 2,
    schedule: 'hour',
    per: 'pipeline',
  },
  {
    name: 'redrive',
    what: 'dead letters -> landing, once more',
    timeoutSeconds: 300,
    memoryMb: 512,
    // The second is told that there is a first.
    concurrency: 2,
    schedule: 'none',
    per: 'pipeline',
  },
  {
    name: 'erase',
    what: 'removes records by their keys, everywhere and for ever',
    timeoutSeconds: 300,
    memoryMb: 512,
    concurrency: 1,
    schedule: 'none',
    per: 'pipeline',
  },
  {
    name: 'retain',
    what: 'makes the days ahead in landing, drops the old ones',
    timeoutSeconds: 300,
    memoryMb: 256,
    concurrency: 1,
    schedule: 'hour',
    per: 'stage',
  },
  {
    name: 'notify',
    what: 'keeps what Airflow failed at, and rings the alarm',
    timeoutSeconds: 60,
    memoryMb: 256,
    concurrency: 2,
    schedule: 'none',
    per: 'stage',
  },
  {
    name: 'rebuild',
    what: 'topic -> a table that came later',
    timeoutSeconds: 300,
    memoryMb: 512,
    // The second is told that there is a first.
    concurrency: 2,
    schedule: 'none',
    per: 'pipeline',
  },
  {
    name: 'inspect',
    what: 'answers questions, changes nothing',
    timeoutSeconds: 60,
    memoryMb: 256,
    concurrency: 4,
    schedule: 'none',
    per: 'stage',
  },
] as const satisfies readonly StepSpec[];

export type StepName = (typeof steps)[number]['name'];
