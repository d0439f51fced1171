import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { StepName } from '../../functions/steps.ts';
import { type StageProps, StageStack } from '../stage-stack.ts';
import type { NetworkStack } from './network.ts';
import type { TableStack } from './table.ts';
import type { TopicStack } from './topic.ts';

export interface StreamProps extends StageProps {
  readonly network: NetworkStack;
  readonly topic: TopicStack;
  readonly table: TableStack;
}

/** Spark. */
export class StreamStack extends StageStack {
  readonly applicationArn = 'arn:aws:emr-serverless:us-east-1:111111111111:/applications/x';

  constructor(scope: Construct, props: StreamProps) {
    super(scope, 'stream', props, 'Spark');
  }

  /** Rights of a step on what this stack holds: artifacts of prepare, jobs, checkpoints and the hold of supervise. */
  grantStep(_grantee: IFunction, _step: StepName): void {}

  /** What a step must be told: ARTIFACTS, CHECKPOINTS and JOB_*; nothing for most of them. */
  environmentOf(_step: StepName): Record<string, string> {
    return {};
  }
}
