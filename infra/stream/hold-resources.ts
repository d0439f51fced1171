import { createHash } from 'node:crypto';
import path from 'node:path';
import { ArnFormat, CustomResource, Duration, Lazy, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import type { CfnApplication, CfnApplicationProps } from 'aws-cdk-lib/aws-emrserverless';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Provider } from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';
import { steps } from '../../functions/steps.ts';
import { applicationName } from '../names.ts';
import { bundleHold } from './hold/bundle.ts';
import { holdKey } from './hold/hold.ts';

/**
 * EMR Serverless updates and deletes an application only when it has stopped, and ours never does by itself. So `hold`
 * comes before the application and stops it when it is about to change; `run` comes after it and lets supervise start jobs
 * again; and before the application is deleted, `run` stops it.
 */
export function holdWhileChanging(application: CfnApplication, props: CfnApplicationProps, bucket: IBucket): void {
  const stack = Stack.of(application);
  const { serviceToken } = provider(stack, bucket);
  const part = (name: 'hold' | 'run') =>
    new CustomResource(stack, name === 'hold' ? 'Hold' : 'Run', {
      serviceToken,
      properties: {
        part: name,
        application: applicationName,
        bucket: bucket.bucketName,
        supervisedSeconds: String(superviseSeconds),
        // Changes with everything that CloudFormation would say to the application, its tags included.
        settings: Lazy.string({ produce: () => settingsHash(application, props) }),
      },
    });
  application.node.addDependency(part('hold'));
  part('run').node.addDependency(application);
}

const superviseSeconds = steps.find(({ name }) => name === 'supervise')?.timeoutSeconds ?? 60;

function settingsHash({ stack, tags }: CfnApplication, props: CfnApplicationProps): string {
  const said = stack.resolve([props, tags.renderTags()]);
  return createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 12);
}

function provider(stack: Stack, bucket: IBucket): Provider {
  const folder = path.join(Stage.of(stack)?.outdir ?? '', 'stream-hold');
  bundleHold(folder);
  const code = Code.fromAsset(folder);
  return new Provider(stack, 'Changing', {
    onEventHandler: handler(stack, 'onEvent', code, [
      new PolicyStatement({ actions: ['s3:PutObject', 's3:DeleteObject'], resources: [bucket.arnForObjects(holdKey)] }),
    ]),
    isCompleteHandler: handler(stack, 'isComplete', code, stopStatements(stack)),
    queryInterval: Duration.seconds(10),
    totalTimeout: Duration.minutes(20),
  });
}

function handler(scope: Construct, name: 'onEvent' | 'isComplete', code: Code, rights: PolicyStatement[]) {
  return new LambdaFunction(scope, `Changing-${name}`, {
    description: `Changing the Spark application: ${name}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: `index.${name}`,
    code,
    timeout: Duration.minutes(1),
    memorySize: 256,
    initialPolicy: rights,
    logGroup: new LogGroup(scope, `Changing-${name}-log`, {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
  });
}

/** The id of an application is not known before it is there, and the one to be stopped may be gone. */
function stopStatements(stack: Stack): PolicyStatement[] {
  const arn = (resource: string) =>
    stack.formatArn({
      service: 'emr-serverless',
      resource: `/applications${resource}`,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
  return [
    new PolicyStatement({ actions: ['emr-serverless:ListApplications'], resources: ['*'] }),
    new PolicyStatement({
      actions: ['emr-serverless:ListJobRuns', 'emr-serverless:StopApplication'],
      resources: [arn('/*')],
    }),
    new PolicyStatement({ actions: ['emr-serverless:CancelJobRun'], resources: [arn('/*/jobruns/*')] }),
  ];
}
