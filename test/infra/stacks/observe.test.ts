import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { metricDimensions, metricNamespace, metrics } from '../../../functions/metrics.ts';
import { steps } from '../../../functions/steps.ts';
import { awsMetrics } from '../../../infra/aws-metrics.ts';
import { configOf } from '../../../infra/config.ts';
import { ObserveStack } from '../../../infra/stacks/observe.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';

interface Alarm {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly Threshold: number;
  readonly TreatMissingData: string;
  readonly AlarmActions: readonly unknown[];
}

function templateOf(stage: string, overrides: Record<string, string> = {}): Template {
  const config = configOf(stage, overrides);
  return Template.fromStack(
    new ObserveStack(new App(), { config, pipelines, applicationId: 'an-application', undelivered: 'a-queue' }),
  );
}

const alarmsIn = (template: Template): readonly Alarm[] =>
  Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);

const names = pipelines.map(({ name }) => name);

/** Why nobody would ever hear of an alarm: CloudWatch takes any name. */
function unknownIn({ Namespace, MetricName, Dimensions }: Pick<Alarm, 'Namespace' | 'MetricName' | 'Dimensions'>) {
  const dimensions = Dimensions.map(({ Name }) => Name).sort();
  const sent =
    Namespace === metricNamespace
      ? MetricName in metrics && [...metricDimensions]
      : Object.values(awsMetrics).find(({ namespace, name }) => namespace === Namespace && name === MetricName)
          ?.dimensions;
  if (!sent) return `no metric ${Namespace} ${MetricName}`;
  return [...sent].sort().join() === dimensions.join()
    ? undefined
    : `${MetricName} is not sent by ${dimensions.join()}`;
}

describe('The observe stack', () => {
  let dev: Template;
  let full: Template;
  beforeAll(() => {
    dev = templateOf('dev');
    full = templateOf('full');
  });
  const alarm = (template: Template, id: string) =>
    alarmsIn(template).find(({ AlarmName }) => AlarmName.endsWith(`-${id}`)) as Alarm;

  it('watches every pipeline, server, table and step', () => {
    const ids = alarmsIn(dev).map(({ AlarmName }) => AlarmName.replace('millrace-dev-', ''));
    const ofPipelines = names.flatMap((name) =>
      [
        ...['SourceEmpty', 'UnclosedInstants', 'UnpublishedAge', 'UncoveredRecords'],
        ...['StalledSeconds', 'UnbalancedRuns', 'DeadLetters', 'DataLoss', 'OverdueDays', 'RowsInNet', 'FailedDags'],
      ].map((metric) => `${name}-${metric}`),
    );
    const ofTables = pipelines
      .flatMap((pipeline) => Object.keys(pipeline.tables))
      .flatMap((table) => ['throttled', 'failing', 'refused'].map((what) => `${table}-${what}`));
    const ofSteps = steps.flatMap(({ name }) => [`${name}-errors`, `${name}-throttles`]);
    const ofServers = ['landing-storage', 'landing-connections', 'topic-disk-1', 'topic-disk-2', 'stream-jobs'];
    const ofCalls = ['audit-lag', 'schedules-undelivered'];
    expect(ids.sort()).toEqual([...ofPipelines, ...ofTables, ...ofSteps, ...ofServers, ...ofCalls].sort());
  });

  it('watches only what is sent, by the dimensions it is sent with', () => {
    expect(alarmsIn(dev).map(unknownIn).filter(Boolean)).toEqual([]);
  });

  it.each([
    ['a metric of ours that no step prints', 'Millrace', 'RecordsLost', ['stage', 'pipeline'], /no metric/],
    ['a metric of ours of the stage alone', 'Millrace', 'DataLoss', ['stage'], /not sent by stage/],
    ['a metric that AWS no longer sends so', 'AWS/EMRServerless', 'FailedJobs', ['ApplicationId'], /not sent/],
    ['a metric of another namespace', 'AWS/Keyspaces', 'SystemErrors', ['TableName'], /no metric/],
  ])('would not watch %s', (_, Namespace, MetricName, dimensions, reason) => {
    const Dimensions = dimensions.map((Name) => ({ Name, Value: 'x' }));
    expect(unknownIn({ Namespace, MetricName, Dimensions })).toMatch(reason);
  });

  it('watches our metrics of its own stage and of pipelines that there are', () => {
    const values = alarmsIn(full)
      .filter(({ Namespace }) => Namespace === metricNamespace)
      .map(({ Dimensions }) => Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])));
    expect(new Set(values.map(({ stage }) => stage))).toEqual(new Set(['full']));
    expect(new Set(values.map(({ pipeline }) => pipeline))).toEqual(new Set(names));
  });

  it('takes silence for failure once a pipeline, where somebody should speak every minute', () => {
    const breaching = alarmsIn(dev).filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(breaching.map(({ MetricName }) => MetricName)).toEqual(names.map(() => 'StalledSeconds'));
    expect(metrics.StalledSeconds.step).toBe('supervise');
    const others = alarmsIn(dev).filter((each) => !breaching.includes(each));
    expect(new Set(others.map(({ TreatMissingData }) => TreatMissingData))).toEqual(new Set(['notBreaching']));
  });

  it('tells somebody, what it is and what to do', () => {
    const [topic] = Object.keys(dev.findResources('AWS::SNS::Topic'));
    for (const { AlarmActions, AlarmDescription } of alarmsIn(dev)) {
      expect(AlarmActions).toEqual([{ Ref: topic }]);
      expect(AlarmDescription).toMatch(/^.{15,}[.:] .{20,}\.$/);
      expect(AlarmDescription.length).toBeLessThanOrEqual(1024);
    }
  });

  it('asks for periods that CloudWatch takes', () => {
    for (const { Period, EvaluationPeriods } of alarmsIn(full)) {
      expect(Period % 60).toBe(0);
      expect(Period * EvaluationPeriods).toBeLessThanOrEqual(Period >= 3600 ? 7 * 86_400 : 86_400);
    }
  });

  it.each([
    ['StalledSeconds', 2 * 900 + 300, 2 * 300 + 300],
    ['UncoveredRecords', 2 * 15 * 100, 2 * 5 * 100],
    ['UnpublishedAge', 300, 300],
  ])('waits with %s as long as the stage lets Spark rest', (metric, atRest, streaming) => {
    expect(alarm(dev, `random-users-${metric}`).Threshold).toBe(atRest);
    expect(alarm(full, `random-users-${metric}`).Threshold).toBe(streaming);
  });

  it('waits for two empty runs, however far apart they lie', () => {
    expect(alarm(dev, 'random-users-SourceEmpty')).toMatchObject({ Period: 60, EvaluationPeriods: 2, Threshold: 0 });
  });

  it('watches the disk of every broker of the stage', () => {
    const disks = alarmsIn(templateOf('prod')).filter(({ MetricName }) => MetricName === 'KafkaDataLogsDiskUsed');
    expect(disks.map(({ Dimensions }) => Dimensions.find(({ Name }) => Name === 'Broker ID')?.Value)).toEqual([
      ...['1', '2', '3'],
    ]);
  });

  it('lets nobody in without TLS, and AWS only on behalf of its own account', () => {
    const account = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
    const own = (Service: string) =>
      Match.objectLike({ Action: 'sns:Publish', Effect: 'Allow', Principal: { Service }, Condition: account });
    dev.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          own('cloudwatch.amazonaws.com'),
          own('budgets.amazonaws.com'),
        ]),
      },
    });
  });

  it('encrypts what it tells, with a key that its tellers may use', () => {
    const [key] = Object.keys(dev.findResources('AWS::KMS::Key', { Properties: { EnableKeyRotation: true } }));
    dev.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: { 'Fn::GetAtt': [key, 'Arn'] } });
    for (const Service of ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com']) {
      dev.hasResourceProperties('AWS::KMS::Key', {
        KeyPolicy: {
          Statement: Match.arrayWith([
            Match.objectLike({ Principal: { Service }, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] }),
          ]),
        },
      });
    }
  });

  it('writes to the address that the stage names, and to nobody without one', () => {
    dev.resourceCountIs('AWS::SNS::Subscription', 0);
    templateOf('dev', { 'alarms.email': 'someone@example.org' }).hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'someone@example.org',
    });
  });

  it.each(['dev', 'full'])('says when %s is about to cost more than it should', (stage) => {
    (stage === 'dev' ? dev : full).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { BudgetLimit: { Amount: configOf(stage).budgetUsd, Unit: 'USD' }, TimeUnit: 'MONTHLY' },
      NotificationsWithSubscribers: [
        { Notification: { NotificationType: 'ACTUAL', Threshold: 80 }, Subscribers: [{ SubscriptionType: 'SNS' }] },
        { Notification: { NotificationType: 'FORECASTED', Threshold: 100 } },
      ],
    });
  });

  it('answers where to look, and where records come from', () => {
    const url =
      'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/millrace-dev';
    dev.hasOutput('DashboardUrl', { Value: url });
    dev.hasOutput('Sources', { Value: Match.stringLikeRegexp('random-users=sample') });
    full.hasOutput('Sources', { Value: Match.stringLikeRegexp('random-users=live') });
    dev.hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'millrace-dev' });
  });
});

interface Widget {
  readonly type: string;
  readonly y: number;
  readonly properties: { readonly markdown?: string; readonly metrics?: readonly unknown[][] };
}

describe('The dashboard', () => {
  const widgetsOf = (stage: string): readonly Widget[] => {
    const boards = Object.values(templateOf(stage).findResources('AWS::CloudWatch::Dashboard'));
    const [[, parts]] = boards.map(({ Properties }) => Properties.DashboardBody['Fn::Join']) as [[string, unknown[]]];
    return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'token')).join('')).widgets;
  };
  const textsOf = (widgets: readonly Widget[]) => widgets.flatMap(({ properties }) => properties.markdown ?? []);

  it('has a row for each noun in path order, and one for the steps', () => {
    const headings = textsOf(widgetsOf('dev')).flatMap((text) => /^## (\w+)/.exec(text)?.[1] ?? []);
    expect(headings).toEqual(['source', 'landing', 'topic', 'stream', 'table', 'steps']);
  });

  it('shows under each noun only what is sent', () => {
    const graphs = widgetsOf('dev').filter(({ type }) => type === 'metric');
    expect(graphs.length).toBeGreaterThanOrEqual(15);
    const shown = graphs.flatMap(({ properties }) => properties.metrics ?? []).map(spelledOut());
    expect(shown.map(unknownIn).filter(Boolean)).toEqual([]);
    const own = new Set(shown.filter(({ Namespace }) => Namespace === metricNamespace).map((each) => each.MetricName));
    expect(own).toEqual(new Set(Object.keys(metrics)));
  });

  it('says that records are made up where they are, and where from where they are not', () => {
    const [, source] = textsOf(widgetsOf('dev'));
    expect(source).toContain('- **random-users: SAMPLE**, records are made up');
    const [, live] = textsOf(widgetsOf('full'));
    expect(live).toContain('- random-users: https://randomuser.me/api/1.4/');
    expect(live).not.toContain('SAMPLE');
  });
});

/** A line of a widget: `.` stands for the same as in the line before. */
function spelledOut() {
  return (line: readonly unknown[]) => {
    const [Namespace, MetricName, ...rest] = line.filter((each) => typeof each === 'string') as string[];
    const Dimensions = rest.flatMap((Name, index) => (index % 2 === 0 ? [{ Name, Value: rest[index + 1] }] : []));
    return { Namespace: Namespace ?? '', MetricName: MetricName ?? '', Dimensions };
  };
}
