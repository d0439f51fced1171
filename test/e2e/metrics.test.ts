import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricDimensions, metricNamespace, metrics } from '../../functions/metrics.ts';
import { configOf } from '../../infra/config.ts';
import { alarmsOf } from '../../infra/observe/alarms.ts';
import { whenFree } from '../../local/when-free.ts';
import { stages } from '../../stages.ts';
import type { Definition } from '../../streaming/definition.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { instants, once, openPath, type Path, until } from './path.ts';

const minutes = 60_000;
const nextInstant = instants('2026-01-20T00:00:00Z');

/** A line of a log that CloudWatch takes for metrics. */
interface MetricLine {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [dimensionOrMetric: string]: unknown;
}

/** Every metric in the functions' logs: `Millrace DataLoss Count pipeline=random-users,stage=local`. */
function printed({ data }: Path): ReadonlySet<string> {
  const logs = readdirSync(join(data, 'logs')).filter((file) => file.startsWith('millrace-'));
  // What follows the last end of a line is still being written.
  const lines = logs.flatMap((file) =>
    readFileSync(join(data, 'logs', file), 'utf8')
      .split('\n')
      .slice(0, -1),
  );
  return new Set(lines.filter((line) => line.includes('"_aws"')).flatMap((line) => metricsIn(JSON.parse(line))));
}

function metricsIn(line: MetricLine): readonly string[] {
  return line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.filter(({ Name }) => typeof line[Name] === 'number').flatMap(({ Name, Unit }) =>
      Dimensions.map((names) => {
        const dimensions = [...names].sort().map((name) => `${name}=${line[name]}`);
        return `${Namespace} ${Name} ${Unit} ${dimensions.join()}`;
      }),
    ),
  );
}

/** A window of a source may hold nothing. */
async function runWithRecords(path: Path, pipeline: Definition): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const { verdict } = await once(path, nextInstant(), 'sample', undefined, pipeline);
    if (verdict.source > 0) return;
  }
  throw new Error(`${pipeline.name}: expected a sample with records, got 20 without`);
}

const asPrinted = (name: keyof typeof metrics, pipeline: string) =>
  `${metricNamespace} ${name} ${metrics[name].unit} pipeline=${pipeline},stage=local`;

describe('Metrics, in the logs of a path that runs', () => {
  let path: Path;

  beforeAll(async () => {
    path = await openPath();
    // The platform calls some of them as well.
    const call = (step: string, event: object) => whenFree(path.steps, step, event);
    for (const pipeline of pipelines) {
      await runWithRecords(path, pipeline);
      // It measures the same, and leaves no runs at work behind that the next file did not ask for.
      await call('settle', { pipeline: pipeline.name, dryRun: true });
      await call('reconcile', { pipeline: pipeline.name });
      await call('notify', { pipeline: pipeline.name, dag: 'a-dag-of-a-test', run: 'a-run' });
    }
    await call('supervise', {});
    await call('retain', {});
  }, 25 * minutes);
  afterAll(async () => {
    // Else the status tells the other files of it.
    await path?.database.query("delete from operations where asked ->> 'dag' = 'a-dag-of-a-test'");
    await path?.close();
  });

  it.each(Object.keys(metrics) as (keyof typeof metrics)[])('%s is printed of every pipeline', async (name) => {
    const wanted = pipelines.map((pipeline) => asPrinted(name, pipeline.name));
    await until(`${name} in the logs`, 60, async () => {
      const found = printed(path);
      return wanted.every((metric) => found.has(metric)) || undefined;
    });
  });

  it.each(stages)('every alarm of ours in stage %s watches what is printed', (stage) => {
    const alarms = alarmsOf({ config: configOf(stage), pipelines, applicationId: 'x', undelivered: 'x' });
    const own = alarms.filter(({ metric }) => metric.namespace === metricNamespace);
    expect(own.length).toBeGreaterThan(pipelines.length);
    const found = printed(path);
    for (const { id, metric } of own) {
      expect(Object.keys(metric.dimensions).sort(), id).toEqual([...metricDimensions].sort());
      const name = metric.name as keyof typeof metrics;
      expect(found, id).toContain(asPrinted(name, metric.dimensions['pipeline'] ?? ''));
    }
  });
});
