import { Aws, Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type StepName, type StepSpec, steps } from '../functions/steps.ts';
import type { Definition } from '../streaming/definition.ts';
import { eventBridgeExpression } from '../streaming/schedule.ts';
import { type Config, recordsOf } from './config.ts';

export interface SchedulesProps {
  readonly config: Config;
  readonly pipelines: readonly Definition[];
  readonly steps: Readonly<Record<StepName, IFunction>>;
}

/** What is called when, as functions/steps.ts says: at every instant of a pipeline, by the minute, by the hour. */
export function addSchedules(scope: Construct, props: SchedulesProps) {
  // What could not be delivered at all; what a step fails at, Lambda tries again and the errors' alarm tells.
  const queue = new Queue(scope, 'Undelivered', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  const role = new Role(scope, 'scheduler-role', {
    roleName: 'millrace-scheduler',
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  });
  const schedules = steps.flatMap((step) =>
    callsOf(step, props).map(({ name, expression, input }) => {
      const target = new LambdaInvoke(props.steps[step.name], {
        role,
        deadLetterQueue: queue,
        // The next call does what this one would have done: late is no use.
        maxEventAge: Duration.minutes(5),
        retryAttempts: 3,
        input: ScheduleTargetInput.fromObject(input),
      });
      return new Schedule(scope, `${name}-schedule`, {
        scheduleName: `millrace-${name}`,
        description: step.what,
        schedule: ScheduleExpression.expression(expression),
        timeWindow: TimeWindow.off(),
        target,
      });
    }),
  );
  return { queue, schedules };
}

interface Call {
  readonly name: string;
  /** EventBridge's six fields, UTC. */
  readonly expression: string;
  readonly input: object;
}

const every = { minute: '1m', hour: '1h' } as const;

function callsOf(step: StepSpec, { config, pipelines }: SchedulesProps): readonly Call[] {
  const { name, schedule, per } = step;
  if (schedule === 'none') return [];
  if (per === 'stage') {
    return schedule === 'instant' ? [] : [{ name, expression: eventBridgeExpression(every[schedule]), input: {} }];
  }
  return pipelines.map((pipeline) => ({
    name: `${name}-${pipeline.name}`,
    expression: eventBridgeExpression(schedule === 'instant' ? pipeline.schedule.every : every[schedule]),
    input: schedule === 'instant' ? instantInput(pipeline, config) : { pipeline: pipeline.name },
  }));
}

/** The time that the schedule names: a call that comes late is still one for its own instant. */
function instantInput(pipeline: Definition, config: Config): object {
  const records = recordsOf(config, pipeline);
  return { pipeline: pipeline.name, time: ContextAttribute.scheduledTime, ...(records !== undefined && { records }) };
}
