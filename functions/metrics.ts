import type { StepName } from './steps.ts';

/** Namespace of our metrics in CloudWatch. */
export const metricNamespace = 'Millrace';

/** Every metric has these, and no other: which stage, which pipeline. */
export const metricDimensions = ['stage', 'pipeline'] as const;

/** A metric: in what it is counted, and which step prints it. */
export interface MetricSpec {
  readonly unit: 'Count' | 'Seconds';
  readonly step: StepName;
  readonly what: string;
}

/** Everything that the steps measure, in path order. Dashboard and alarms name nothing else of ours. */
export const metrics = {
  RecordsReceived: { unit: 'Count', step: 'extract', what: 'records that the source gave' },
  RecordsLanded: { unit: 'Count', step: 'extract', what: 'records that landed' },
  RecordsRejected: { unit: 'Count', step: 'extract', what: 'records that became dead letters before they landed' },
  SourceEmpty: { unit: 'Count', step: 'extract', what: '1 when a run failed because the source gave nothing, else 0' },
  UnclosedInstants: { unit: 'Count', step: 'settle', what: 'instants of the last day whose run is not closed' },
  RecordsPublished: { unit: 'Count', step: 'relay', what: 'records that the topic took' },
  UnpublishedAge: { unit: 'Seconds', step: 'supervise', what: 'since the oldest row landed that is not published' },
  UncoveredRecords: { unit: 'Count', step: 'supervise', what: 'offsets of the topic that the tables have to absorb' },
  StalledSeconds: {
    unit: 'Seconds',
    step: 'supervise',
    what: 'since the tables absorbed, while there is something to',
  },
  DataLoss: { unit: 'Count', step: 'supervise', what: '1 while offsets are gone and nobody has accepted it, else 0' },
  RecordsCovered: { unit: 'Count', step: 'audit', what: 'offsets that the tables have absorbed' },
  UnbalancedRuns: {
    unit: 'Count',
    step: 'reconcile',
    what: 'runs of the last day whose records are not where they should be',
  },
  OverdueDays: {
    unit: 'Count',
    step: 'retain',
    what: 'days of landing that are older than it keeps, and hold rows that the tables lack',
  },
  RowsInNet: { unit: 'Count', step: 'retain', what: 'rows that found no partition of their day in landing' },
  FailedDags: { unit: 'Count', step: 'notify', what: 'runs of Airflow that failed' },
  DeadLetters: { unit: 'Count', step: 'audit', what: 'dead letters that the stream reported' },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricName = keyof typeof metrics;

/** Adds to what this call has measured of a pipeline. */
export type Measure = (pipeline: string, values: Readonly<Partial<Record<MetricName, number>>>) => void;

/** What one call measures. */
export interface Measured {
  readonly measure: Measure;
  /** A line for each pipeline, as CloudWatch takes metrics out of a log. */
  lines(now: number): readonly object[];
}

export function measured(stage: string): Measured {
  const pipelines = new Map<string, Map<MetricName, number>>();
  return {
    measure(pipeline, values) {
      const sums = pipelines.get(pipeline) ?? new Map<MetricName, number>();
      pipelines.set(pipeline, sums);
      for (const [name, value] of Object.entries(values) as [MetricName, number][]) {
        sums.set(name, (sums.get(name) ?? 0) + value);
      }
    },
    lines: (now) => [...pipelines].map(([pipeline, sums]) => lineOf(stage, pipeline, sums, now)),
  };
}

/** Whether a line of a function's log is one of these: for machines, not for who reads the log. */
export const isMetricLine = (line: string) => /^\{"level":"info","time":"[^"]*","_aws":/.test(line);

/**
 * CloudWatch's embedded metric format:
 *
 *   line = {"_aws": {"Timestamp": ms, "CloudWatchMetrics": [{"Namespace", "Dimensions": [[name, ..]], "Metrics": [{"Name", "Unit"}, ..]}]},
 *           <dimension>: text, .. , <metric>: number, ..}
 */
function lineOf(stage: string, pipeline: string, sums: ReadonlyMap<MetricName, number>, Timestamp: number): object {
  const Metrics = [...sums.keys()].map((Name) => ({ Name, Unit: metrics[Name].unit }));
  const directive = { Namespace: metricNamespace, Dimensions: [metricDimensions], Metrics };
  return { _aws: { Timestamp, CloudWatchMetrics: [directive] }, stage, pipeline, ...Object.fromEntries(sums) };
}
