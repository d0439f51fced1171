import { Duration } from 'aws-cdk-lib';
import { type Dashboard, GraphWidget, type IWidget, Metric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '../../functions/metrics.ts';
import { steps } from '../../functions/steps.ts';
import type { Definition } from '../../streaming/definition.ts';
import { keyspace } from '../../streaming/names.ts';
import { type Watched, watched } from '../aws-metrics.ts';
import type { Config } from '../config.ts';
import { applicationName, clusterName, databaseInstance, functionName } from '../names.ts';
import type { ObserveProps } from './alarms.ts';
import { ownMetric } from './pipeline-alarms.ts';
import { brokersOf } from './server-alarms.ts';

/** Fills the dashboard in path order: a row for each noun, and one for the steps that carry from one to the next. */
export function fillDashboard(dashboard: Dashboard, props: ObserveProps): void {
  const { config, pipelines } = props;
  const own = (title: string, name: MetricName, statistic: Statistic) =>
    graph(
      title,
      statistic,
      pipelines.map((pipeline) => [pipeline.name, ownMetric(config, pipeline, name)]),
    );
  dashboard.addWidgets(heading(`# Millrace, stage ${config.stage}\n${config.shows}`));
  for (const [title, widgets] of [...untilTopic(props, own), ...fromTopic(props, own), ofTheSteps()]) {
    dashboard.addWidgets(heading(title));
    dashboard.addWidgets(...widgets);
  }
}

type Own = (title: string, name: MetricName, statistic: Statistic) => IWidget;
type Row = readonly [heading: string, widgets: readonly IWidget[]];

function untilTopic({ config, pipelines }: ObserveProps, own: Own): readonly Row[] {
  const database = { DBInstanceIdentifier: databaseInstance };
  return [
    [
      `## source\n${sourcesOf(config, pipelines)}`,
      [
        own('Records that the source gave', 'RecordsReceived', 'Sum'),
        own('Rejected before they landed', 'RecordsRejected', 'Sum'),
        own('Runs that got nothing', 'SourceEmpty', 'Maximum'),
        own('Runs that do not balance', 'UnbalancedRuns', 'Maximum'),
      ],
    ],
    [
      '## landing\nPostgreSQL',
      [
        own('Records that landed', 'RecordsLanded', 'Sum'),
        own('Runs that are open', 'UnclosedInstants', 'Maximum'),
        own('Runs of Airflow that failed', 'FailedDags', 'Sum'),
        own('Days due, not in the tables', 'OverdueDays', 'Maximum'),
        own('Rows without a day', 'RowsInNet', 'Maximum'),
        graph('Free disk, bytes', 'Minimum', [['PostgreSQL', watched('freeStorage', database)]]),
        graph('Connections', 'Maximum', [['PostgreSQL', watched('connections', database)]]),
      ],
    ],
    [
      '## topic\nKafka',
      [
        own('Records that the topic took', 'RecordsPublished', 'Sum'),
        own('Oldest row not published, seconds', 'UnpublishedAge', 'Maximum'),
        graph('Disk used, %', 'Maximum', ofBrokers(config)),
      ],
    ],
  ];
}

function fromTopic({ pipelines, applicationId }: ObserveProps, own: Own): readonly Row[] {
  const application = { ApplicationId: applicationId, ApplicationName: applicationName };
  return [
    [
      '## stream\nSpark',
      [
        own('To absorb, records', 'UncoveredRecords', 'Maximum'),
        own('Nothing absorbed since, seconds', 'StalledSeconds', 'Maximum'),
        own('Dead letters', 'DeadLetters', 'Sum'),
        graph('Job runs', 'Maximum', [
          ['running', watched('runningJobs', application)],
          ['failed', watched('failedJobs', application)],
        ]),
      ],
    ],
    [
      '## table\nKeyspaces',
      [
        own('Records that the tables absorbed', 'RecordsCovered', 'Sum'),
        own('Offsets that are gone', 'DataLoss', 'Maximum'),
        graph('Writes put off', 'Sum', ofTables(pipelines, 'writeThrottles')),
        graph('Writes that failed or were refused', 'Sum', [
          ...ofTables(pipelines, 'tableErrors'),
          ...ofTables(pipelines, 'tableRefusals'),
        ]),
      ],
    ],
  ];
}

function ofTheSteps(): Row {
  const audit = watched('mappingLag', { FunctionName: functionName('audit') });
  return [
    '## steps\nLambda',
    [
      graph('Errors', 'Sum', ofSteps('functionErrors')),
      graph('Not let run', 'Sum', ofSteps('functionThrottles')),
      graph('Reports not read', 'Maximum', [['audit', audit]]),
    ],
  ];
}

/** The sources in words; made-up records are called so. */
export function sourcesOf({ sources }: Config, pipelines: readonly Definition[]): string {
  const lines = pipelines.map(({ name, source }) => {
    const chosen = sources[name] ?? 'live';
    if (chosen === 'sample') return `- **${name}: SAMPLE**, records are made up`;
    return `- ${name}: ${chosen === 'live' ? source.url : chosen}`;
  });
  return lines.join('\n');
}

type Statistic = 'Sum' | 'Maximum' | 'Minimum';
type Line = readonly [label: string, metric: Watched];

const wide = 24;

const heading = (markdown: string) =>
  new TextWidget({ markdown, width: wide, height: 1 + Math.ceil(markdown.split('\n').length / 2) });

function graph(title: string, statistic: Statistic, lines: readonly Line[]): GraphWidget {
  const left = lines.map(
    ([label, { namespace, name, dimensions }]) =>
      new Metric({
        namespace,
        metricName: name,
        dimensionsMap: { ...dimensions },
        statistic,
        label,
        period: Duration.minutes(5),
      }),
  );
  return new GraphWidget({ title, left, width: wide / 4 });
}

const ofBrokers = (config: Config): readonly Line[] =>
  brokersOf(config).map((broker) => [
    `broker ${broker}`,
    watched('brokerDisk', { 'Cluster Name': clusterName, 'Broker ID': broker }),
  ]);

const ofTables = (
  pipelines: readonly Definition[],
  metric: 'writeThrottles' | 'tableErrors' | 'tableRefusals',
): readonly Line[] =>
  pipelines.flatMap(({ tables }) =>
    Object.keys(tables).map(
      (TableName): Line => [
        `${TableName}${metric === 'tableRefusals' ? ', refused' : ''}`,
        watched(metric, { Keyspace: keyspace, TableName, Operation: 'INSERT' }),
      ],
    ),
  );

const ofSteps = (metric: 'functionErrors' | 'functionThrottles'): readonly Line[] =>
  steps.map(({ name }) => [name, watched(metric, { FunctionName: functionName(name) })]);
