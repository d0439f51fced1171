import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IVpc, type SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StepName, StepSpec } from '../functions/steps.ts';
import type { Config } from './config.ts';
import { functionName, logGroupName } from './names.ts';

export interface StepFunctionProps {
  readonly config: Config;
  readonly step: StepSpec & { readonly name: StepName };
  readonly vpc: IVpc;
  readonly group: SecurityGroup;
  /** Folder of the bundles. */
  readonly bundles: string;
  readonly environment: Readonly<Record<string, string>>;
  /** How many may run at once, where the stage keeps that back for it. */
  readonly concurrency: number;
}

/** A step as function of Lambda: the very bundle that the local runner starts, a role and a log of its own. */
export function stepFunction(scope: Construct, props: StepFunctionProps): LambdaFunction {
  const { config, step, vpc, group } = props;
  const log = new LogGroup(scope, `${step.name}-log`, {
    logGroupName: logGroupName(step.name),
    retention: config.functions.logDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return new LambdaFunction(scope, step.name, {
    functionName: functionName(step.name),
    description: step.what,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: Code.fromAsset(join(props.bundles, 'functions', step.name)),
    timeout: Duration.seconds(step.timeoutSeconds),
    memorySize: step.memoryMb,
    role: roleOf(scope, step.name, log),
    logGroup: log,
    // Metrics are lines of the log in a form of their own; Lambda must not wrap them.
    loggingFormat: LoggingFormat.TEXT,
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    securityGroups: [group],
    environment: props.environment,
    ...(config.functions.reserved && { reservedConcurrentExecutions: props.concurrency }),
  });
}

/** Writes its own log and makes the network interfaces that a function inside a network needs; the rest is granted. */
function roleOf(scope: Construct, step: StepName, log: LogGroup): Role {
  const role = new Role(scope, `${step}-role`, {
    roleName: functionName(step),
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  role.addToPolicy(
    new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [log.logGroupArn] }),
  );
  role.addToPolicy(new PolicyStatement({ actions: networkActions, resources: ['*'] }));
  return role;
}

/** None of them can be narrowed to a resource. */
export const networkActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
