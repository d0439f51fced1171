import path from 'node:path';
import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import { CompositePrincipal, Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEnvironment } from 'aws-cdk-lib/aws-mwaa';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import { airflowCalls } from '../../functions/roles.ts';
import type { StepName } from '../../functions/steps.ts';
import { dagsManifestOf } from '../../streaming/dags-manifest.ts';
import type { Definition } from '../../streaming/definition.ts';
import type { Config } from '../config.ts';
import { airflowName, dagBucketName, functionName } from '../names.ts';
import { type StageProps, StageStack } from '../stage-stack.ts';
import type { NetworkStack } from './network.ts';

export interface OrchestrationProps extends StageProps {
  readonly network: NetworkStack;
  readonly pipelines: readonly Definition[];
  /** ARN of the Spark application whose runs Airflow may look at. */
  readonly applicationArn: string;
}

const dagFiles = path.join(import.meta.dirname, '../../streaming/dags');

/** Airflow on MWAA, and the DAG files with the manifest they read. The last stack: without it the path runs all the same. */
export class OrchestrationStack extends StageStack {
  constructor(scope: Construct, props: OrchestrationProps) {
    super(scope, 'orchestration', props, 'Airflow');
    const bucket = this.#dagBucket(props.config);
    const role = this.#executionRole(bucket, props);
    const environment = this.#airflow(bucket, role, props);
    environment.node.addDependency(role, this.#dags(bucket, props.pipelines));
    new CfnOutput(this, 'AirflowUrl', { value: `https://${environment.attrWebserverUrl}` });
  }

  /** Holds nothing that a deployment does not bring again. */
  #dagBucket(config: Config): Bucket {
    return new Bucket(this, 'Dags', {
      bucketName: dagBucketName(config),
      versioned: true, // MWAA takes no other
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
  }

  /** The manifest first: a file that finds an older one refuses it until the next look. Nothing is taken away. */
  #dags(bucket: Bucket, pipelines: readonly Definition[]): BucketDeployment {
    const at = { destinationBucket: bucket, destinationKeyPrefix: 'dags', prune: false };
    const manifest = new BucketDeployment(this, 'Manifest', {
      ...at,
      sources: [Source.jsonData('manifest.json', dagsManifestOf(pipelines))],
    });
    const files = new BucketDeployment(this, 'DagFiles', {
      ...at,
      sources: [Source.asset(dagFiles, { exclude: ['__pycache__'] })],
    });
    files.node.addDependency(manifest);
    return files;
  }

  #executionRole(bucket: Bucket, props: OrchestrationProps): Role {
    const role = new Role(this, 'Role', {
      roleName: 'millrace-airflow',
      description: 'Airflow: calls the steps, looks at the runs of the Spark job',
      assumedBy: new CompositePrincipal(
        new ServicePrincipal('airflow.amazonaws.com'),
        new ServicePrincipal('airflow-env.amazonaws.com'),
      ),
    });
    for (const statement of [...this.#ownWork(props), ...this.#ofMwaa(bucket)]) role.addToPolicy(statement);
    return role;
  }

  /** What the DAGs do. */
  #ownWork({ applicationArn }: OrchestrationProps): readonly PolicyStatement[] {
    const functionArn = (step: StepName) =>
      this.formatArn({ service: 'lambda', resource: `function:${functionName(step)}` });
    return [
      allow(['lambda:InvokeFunction'], airflowCalls.steps.map(functionArn)),
      allow(airflowCalls.application.map(emrServerless), [applicationArn]),
      allow(airflowCalls.jobRuns.map(emrServerless), [`${applicationArn}/jobruns/*`]),
    ];
  }

  /** What the service itself asks for: https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html */
  #ofMwaa(bucket: Bucket): readonly PolicyStatement[] {
    const { region, account } = this;
    return [
      allow(
        ['airflow:PublishMetrics'],
        [this.formatArn({ service: 'airflow', resource: `environment/${airflowName}` })],
      ),
      allow(['s3:GetObject*', 's3:GetBucket*', 's3:List*'], [bucket.bucketArn, bucket.arnForObjects('*')]),
      allow(
        ['CreateLogStream', 'CreateLogGroup', 'PutLogEvents', 'GetLogEvents', 'GetLogRecord', 'GetLogGroupFields']
          .concat('GetQueryResults')
          .map((action) => `logs:${action}`),
        [`arn:${this.partition}:logs:${region}:${account}:log-group:airflow-${airflowName}-*`],
      ),
      // These know no resource.
      allow(['logs:DescribeLogGroups', 's3:GetAccountPublicAccessBlock', 'cloudwatch:PutMetricData'], ['*']),
      // The queue and its key lie in an account of AWS.
      allow(
        [
          'ChangeMessageVisibility',
          'DeleteMessage',
          'GetQueueAttributes',
          'GetQueueUrl',
          'ReceiveMessage',
          'SendMessage',
        ].map((action) => `sqs:${action}`),
        [`arn:${this.partition}:sqs:${region}:*:airflow-celery-*`],
      ),
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey*', 'kms:Encrypt'],
        notResources: [`arn:${this.partition}:kms:*:${account}:key/*`],
        conditions: { StringLike: { 'kms:ViaService': `sqs.${region}.amazonaws.com` } },
      }),
    ];
  }

  #airflow(bucket: Bucket, role: Role, { config, network }: OrchestrationProps): CfnEnvironment {
    const { airflow: airflowVersion, environment: environmentClass } = config.orchestration;
    const on = { enabled: true, logLevel: 'INFO' };
    return new CfnEnvironment(this, 'Airflow', {
      name: airflowName,
      airflowVersion,
      environmentClass,
      ...(environmentClass === 'mw1.micro' ? oneOfEach : { minWorkers: 1, maxWorkers: 2 }),
      sourceBucketArn: bucket.bucketArn,
      dagS3Path: 'dags',
      executionRoleArn: role.roleArn,
      // Reached over the internet; who comes in is for IAM to say.
      webserverAccessMode: 'PUBLIC_ONLY',
      networkConfiguration: {
        subnetIds: network.vpc.privateSubnets.slice(0, 2).map(({ subnetId }) => subnetId),
        securityGroupIds: [network.orchestration.securityGroupId],
      },
      loggingConfiguration: {
        dagProcessingLogs: on,
        schedulerLogs: on,
        taskLogs: on,
        webserverLogs: on,
        workerLogs: on,
      },
      airflowConfigurationOptions,
      weeklyMaintenanceWindowStart: 'SUN:03:30',
    });
  }
}

/** The smallest class has one of each and refuses any other number. */
const oneOfEach = { minWorkers: 1, maxWorkers: 1, schedulers: 1, minWebservers: 1, maxWebservers: 1 };

/** What is not the same wherever the files run, so that no DAG file knows where it is. */
const airflowConfigurationOptions = {
  'core.dags_are_paused_at_creation': 'False',
  'core.default_timezone': 'utc',
};

const allow = (actions: string[], resources: string[]) =>
  new PolicyStatement({ effect: Effect.ALLOW, actions, resources });

const emrServerless = (call: string) => `emr-serverless:${call}`;
