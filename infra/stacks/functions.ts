import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type Function as LambdaFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Trigger } from 'aws-cdk-lib/triggers';
import type { Construct } from 'constructs';
import { roles, userOf } from '../../functions/roles.ts';
import { type StepName, steps } from '../../functions/steps.ts';
import { functionPrefix } from '../../stages.ts';
import type { Definition } from '../../streaming/definition.ts';
import { auditTopicOf, consumerGroupOf, subjectOf } from '../../streaming/names.ts';
import type { Config } from '../config.ts';
import { databaseName, functionName, registryName } from '../names.ts';
import { addSchedules } from '../schedules.ts';
import { type StageProps, StageStack } from '../stage-stack.ts';
import { networkActions, stepFunction } from '../step-function.ts';
import { tablesTakeSeconds } from '../stream/job-run.ts';
import type { LandingStack } from './landing.ts';
import type { NetworkStack } from './network.ts';
import type { StreamStack } from './stream.ts';
import { type TableStack, tableBackupDays } from './table.ts';
import type { TopicStack } from './topic.ts';

export interface FunctionsProps extends StageProps {
  readonly pipelines: readonly Definition[];
  /** Folder of the bundles. */
  readonly bundles: string;
  readonly network: NetworkStack;
  readonly landing: LandingStack;
  readonly topic: TopicStack;
  readonly stream: StreamStack;
  readonly table: TableStack;
}

/**
 * Who carries the records: a function per step, with the rights that functions/roles.ts gives it and no other. `prepare`
 * runs at every deploy that changes it, when all stores are there and before anything calls the others.
 */
export class FunctionsStack extends StageStack {
  readonly steps: Readonly<Record<StepName, LambdaFunction>>;
  /** Name of the queue that holds what the schedules could not deliver. */
  readonly undelivered: string;

  constructor(scope: Construct, props: FunctionsProps) {
    super(scope, 'functions', props, 'the steps and their schedule');
    // Named, not referred to: only this says that prepare finds them there.
    for (const store of [props.landing, props.topic, props.table, props.stream]) this.addStackDependency(store);
    const made = steps.map(({ name }) => [name, this.#step(name, props)] as const);
    this.steps = Object.fromEntries(made) as Record<StepName, LambdaFunction>;
    for (const { name } of steps) this.#grant(name, props);
    const { queue, schedules } = addSchedules(this, { ...props, steps: this.steps });
    this.undelivered = queue.queueName;
    const mappings = props.pipelines.map((pipeline) => this.#listenToAudit(pipeline, props));
    new Trigger(this, 'Prepare', {
      handler: this.steps.prepare,
      timeout: Duration.minutes(10),
      executeBefore: [...schedules, ...mappings],
    });
  }

  #step(name: StepName, props: FunctionsProps): LambdaFunction {
    const spec = steps.find((step) => step.name === name);
    if (spec === undefined) throw new Error(`functions: expected a step, got ${name}`);
    const { config, network, bundles, pipelines } = props;
    return stepFunction(this, {
      config,
      step: spec,
      vpc: network.vpc,
      group: network.steps[name],
      bundles,
      environment: environmentOf(name, props),
      concurrency: spec.per === 'pipeline' ? spec.concurrency * pipelines.length : spec.concurrency,
    });
  }

  #grant(name: StepName, { landing, topic, stream, table, pipelines }: FunctionsProps): void {
    const step = this.steps[name];
    const allow = (actions: string[], resources: string[]) =>
      step.addToRolePolicy(new PolicyStatement({ actions, resources }));
    if (name === 'prepare') landing.grantOwner(step);
    else landing.grantLogin(step, name);
    topic.grantUse(step, name);
    const woken = roles[name].wakes?.map((other) => this.#functionArn(other)) ?? [];
    if (woken.length > 0) allow(['lambda:InvokeFunction'], woken);
    const { registry } = roles[name];
    if (registry !== undefined) allow([...registryActions[registry]], this.#registryArns(pipelines));
    if (name === 'audit') allow([...pollerActions], ['*']);
    this.#grantTables(name, table);
    stream.grantStep(step, name);
  }

  #grantTables(name: StepName, table: TableStack): void {
    const step = this.steps[name];
    const { cassandra = [] } = roles[name];
    if (cassandra === 'owner') {
      table.grantDescribe(step);
      return;
    }
    if (cassandra.includes('SELECT')) table.grantSelect(step);
    if (cassandra.includes('MODIFY')) table.grantModify(step);
  }

  #functionArn(step: StepName): string {
    return this.formatArn({ service: 'lambda', resource: `function:${functionName(step)}` });
  }

  #registryArns(pipelines: readonly Definition[]): string[] {
    const arn = (resource: string) => this.formatArn({ service: 'glue', resource });
    return [
      arn(`registry/${registryName}`),
      ...pipelines.map((pipeline) => arn(`schema/${registryName}/${subjectOf(pipeline)}`)),
    ];
  }

  /** Polls one audit topic and calls `audit` with its messages in order, again and again until it takes them. */
  #listenToAudit(pipeline: Definition, { topic }: FunctionsProps) {
    return this.steps.audit.addEventSourceMapping(`${pipeline.name}-audit`, {
      eventSourceArn: topic.clusterArn,
      kafkaTopic: auditTopicOf(pipeline),
      kafkaConsumerGroupId: consumerGroupOf(pipeline),
      // What was reported before the mapping was there counts as well.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 500,
      maxBatchingWindow: Duration.seconds(1),
      // No destination for failures: with one, Lambda would give up and go on, and the reports would be lost.
    });
  }
}

/** Calls of the Glue registry, by what functions/roles.ts says of a role. */
const registryActions = {
  read: ['glue:GetSchemaByDefinition', 'glue:GetSchemaVersion'],
  register: ['glue:CreateSchema', 'glue:GetSchemaByDefinition', 'glue:GetSchemaVersion', 'glue:RegisterSchemaVersion'],
} as const;

/** What the pollers of an audit topic need of the function's role, besides the rights on the topic. */
const pollerActions = [
  'kafka:DescribeClusterV2',
  'kafka:GetBootstrapBrokers',
  ...networkActions,
  'ec2:DescribeVpcs',
  'ec2:DescribeSecurityGroups',
];

/** Keyspaces has one address per region. */
const tableHost = ({ region }: Config) => `cassandra.${region}.amazonaws.com`;

function environmentOf(name: StepName, props: FunctionsProps): Record<string, string> {
  const { config, landing, topic, stream } = props;
  const { kafka, cassandra, registry } = roles[name];
  return {
    STAGE: config.stage,
    FUNCTION_PREFIX: functionPrefix,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
    NODE_OPTIONS: '--enable-source-maps',
    DATABASE_HOST: landing.host,
    DATABASE_NAME: databaseName,
    ...(name === 'prepare' ? { DATABASE_SECRET: landing.secret.secretArn } : { DATABASE_USER: userOf(name) }),
    ...(kafka !== undefined && name !== 'audit' && { TOPIC_BROKERS: topic.brokers }),
    ...(cassandra !== undefined && { TABLE_HOST: tableHost(config) }),
    ...(registry !== undefined && { GLUE_REGISTRY: registryName }),
    ...((name === 'settle' || name === 'rebuild') && { TABLES_TAKE: String(tablesTakeSeconds) }),
    ...(name === 'erase' && { BACKUP_DAYS: String(Math.max(config.landing.backupDays, tableBackupDays)) }),
    ...(name === 'extract' && { SOURCES: JSON.stringify(config.sources) }),
    ...stream.environmentOf(name),
  };
}
