import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Alarm, ComparisonOperator, Dashboard, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { type AlarmSpec, alarmsOf, type ObserveProps } from '../observe/alarms.ts';
import { fillDashboard } from '../observe/dashboard.ts';
import { StageStack } from '../stage-stack.ts';

/** What somebody sees, and what somebody is told: a dashboard in path order, alarms, and a budget. */
export class ObserveStack extends StageStack {
  constructor(scope: Construct, props: ObserveProps) {
    super(scope, 'observe', props, 'dashboard, alarms, budget');
    const { config } = props;
    const told = this.#told(config);
    for (const spec of alarmsOf(props)) this.#alarm(config, spec, told);
    this.#budget(config, told);
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: `millrace-${config.stage}` });
    fillDashboard(dashboard, props);
    const console = `https://${this.region}.console.aws.amazon.com/cloudwatch/home?region=${this.region}`;
    new CfnOutput(this, 'DashboardUrl', { value: `${console}#dashboards/dashboard/millrace-${config.stage}` });
    new CfnOutput(this, 'Sources', { value: sourcesText(config) });
  }

  /** Whoever wants to know subscribes to it. */
  #told({ alarms }: Config): Topic {
    const key = new Key(this, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY });
    const topic = new Topic(this, 'Told', { displayName: 'Millrace', masterKey: key, enforceSSL: true });
    // A topic with a policy of its own has lost the one that lets its account's alarms in.
    for (const service of ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com']) {
      const principals = [new ServicePrincipal(service)];
      const conditions = { StringEquals: { 'aws:SourceAccount': this.account } };
      topic.addToResourcePolicy(
        new PolicyStatement({ principals, actions: ['sns:Publish'], resources: [topic.topicArn], conditions }),
      );
      key.addToResourcePolicy(
        new PolicyStatement({
          principals,
          actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          resources: ['*'], // of a key's policy: this key
          conditions,
        }),
      );
    }
    if (alarms.email !== '') topic.addSubscription(new EmailSubscription(alarms.email));
    return topic;
  }

  #alarm({ stage }: Config, spec: AlarmSpec, told: Topic): void {
    const { namespace, name: metricName, dimensions } = spec.metric;
    const isAbove = 'above' in spec.limit;
    const alarm = new Alarm(this, spec.id, {
      alarmName: `millrace-${stage}-${spec.id}`,
      alarmDescription: spec.says,
      metric: new Metric({
        namespace,
        metricName,
        dimensionsMap: { ...dimensions },
        statistic: spec.statistic,
        period: Duration.seconds(spec.periodSeconds),
      }),
      threshold: 'above' in spec.limit ? spec.limit.above : spec.limit.below,
      comparisonOperator: isAbove ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: spec.periods,
      treatMissingData: spec.isSilenceBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(told));
    alarm.addOkAction(new SnsAction(told));
  }

  /** Of the whole account, which holds one stage: AWS counts a tag's costs only after somebody has asked it to. */
  #budget({ stage, budgetUsd }: Config, told: Topic): void {
    const at = (notificationType: string, threshold: number) => ({
      notification: { notificationType, threshold, comparisonOperator: 'GREATER_THAN', thresholdType: 'PERCENTAGE' },
      subscribers: [{ subscriptionType: 'SNS', address: told.topicArn }],
    });
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: `millrace-${stage}`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: budgetUsd, unit: 'USD' },
      },
      notificationsWithSubscribers: [at('ACTUAL', 80), at('FORECASTED', 100)],
    });
  }
}

/** `random-users=sample earthquakes=live`. */
const sourcesText = ({ sources }: Config) =>
  Object.entries(sources)
    .map(([pipeline, source]) => `${pipeline}=${source}`)
    .join(' ');
