import { CfnOutput } from 'aws-cdk-lib';
import { CfnApplication, type CfnApplicationProps } from 'aws-cdk-lib/aws-emrserverless';
import { type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { roles } from '../../functions/roles.ts';
import type { StepName } from '../../functions/steps.ts';
import { bucketStatements } from '../bucket-policy.ts';
import type { Config } from '../config.ts';
import { applicationName } from '../names.ts';
import { type StageProps, StageStack } from '../stage-stack.ts';
import { artifactBucket, deployArtifacts } from '../stream/artifact-bucket.ts';
import { type Artifacts, artifactsOf } from '../stream/artifacts.ts';
import { holdWhileChanging } from '../stream/hold-resources.ts';
import { applicationSettings, jobEnvironment } from '../stream/job-run.ts';
import type { NetworkStack } from './network.ts';
import type { TableStack } from './table.ts';
import type { TopicStack } from './topic.ts';

export interface StreamProps extends StageProps {
  readonly network: NetworkStack;
  readonly topic: TopicStack;
  readonly table: TableStack;
}

/**
 * Spark: an application of EMR Serverless, the bucket of what its job is made of, and the role that the job has. Job runs
 * are nobody's here: `supervise` starts them, by the table in stream/job-run.ts.
 */
export class StreamStack extends StageStack {
  readonly applicationId: string;
  readonly applicationArn: string;
  readonly bucket: Bucket;
  readonly role: Role;
  readonly #environment: Readonly<Partial<Record<StepName, Readonly<Record<string, string>>>>>;

  constructor(scope: Construct, props: StreamProps) {
    super(scope, 'stream', props, 'Spark');
    const { config, network, topic, table } = props;
    const artifacts = artifactsOf(config.region);
    this.bucket = artifactBucket(this, config);
    const files = deployArtifacts(this.bucket, artifacts);
    const settings = this.#applicationProps(config, network, artifacts);
    const application = new CfnApplication(this, 'Application', settings);
    application.node.addDependency(files);
    holdWhileChanging(application, settings, this.bucket);
    this.applicationId = application.attrApplicationId;
    this.applicationArn = application.attrArn;
    this.role = this.#jobRole(config);
    topic.grantUse(this.role, 'stream');
    table.grantModify(this.role);
    this.#environment = this.#environmentOfSteps(config, artifacts, topic);
    new CfnOutput(this, 'ArtifactBucket', { value: this.bucket.bucketName });
  }

  /** What a step may do with jobs and in the bucket. */
  grantStep(grantee: IGrantable, step: StepName): void {
    const calls = roles[step].jobs ?? [];
    for (const call of calls) {
      const resource = call === 'StartJobRun' ? this.applicationArn : `${this.applicationArn}/jobruns/*`;
      allow(grantee, [`emr-serverless:${call}`], [resource]);
    }
    if (calls.includes('StartJobRun')) this.#grantPass(grantee);
    for (const statement of bucketStatements(this.bucket, step)) grantee.grantPrincipal.addToPrincipalPolicy(statement);
  }

  /** Who starts a job hands it the job's role, and may hand it to nothing else. */
  #grantPass(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [this.role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'emr-serverless.amazonaws.com' } },
      }),
    );
  }

  /** What a step must be told of artifacts, checkpoints and jobs; nothing for most of them. */
  environmentOf(step: StepName): Readonly<Record<string, string>> {
    return this.#environment[step] ?? {};
  }

  #environmentOfSteps(config: Config, artifacts: Artifacts, { brokers }: TopicStack) {
    const bucket = this.bucket.bucketName;
    const places = { applicationId: this.applicationId, roleArn: this.role.roleArn, bucket, brokers };
    const written = { ARTIFACTS: `s3://${bucket}/artifacts` };
    const jobs = { ...written, ...jobEnvironment(config.stream, artifacts, places) };
    return {
      prepare: written,
      supervise: { ...jobs, CHECKPOINTS: `s3://${bucket}/checkpoints` },
      rebuild: jobs,
    };
  }

  #applicationProps({ stream }: Config, network: NetworkStack, artifacts: Artifacts): CfnApplicationProps {
    const { driver, executor, executors } = stream;
    // A generation that ends, the next one, and a rebuild beside them. No worker waits to be used: those are paid for.
    const all = (of: 'vcpu' | 'memoryGb') => jobsAtOnce * (driver[of] + executors * executor[of]);
    return {
      name: applicationName,
      type: 'SPARK',
      releaseLabel: stream.release,
      architecture: 'ARM64',
      maximumCapacity: {
        cpu: `${all('vcpu')} vCPU`,
        memory: `${all('memoryGb')} GB`,
        disk: `${jobsAtOnce * (1 + executors) * diskGb} GB`,
      },
      autoStartConfiguration: { enabled: true },
      autoStopConfiguration: { enabled: true, idleTimeoutMinutes: stream.idleMinutes },
      networkConfiguration: {
        subnetIds: network.vpc.privateSubnets.map(({ subnetId }) => subnetId),
        securityGroupIds: [network.stream.securityGroupId],
      },
      monitoringConfiguration: {
        s3MonitoringConfiguration: { logUri: `s3://${this.bucket.bucketName}/logs/` },
        managedPersistenceMonitoringConfiguration: { enabled: true },
      },
      runtimeConfiguration: [
        {
          classification: 'spark-defaults',
          properties: applicationSettings(artifacts, { bucket: this.bucket.bucketName }),
        },
      ],
    };
  }

  /** Kafka and the tables are granted by their own stacks; here is what the job does in the bucket. */
  #jobRole({ network }: Config): Role {
    const role = new Role(this, 'Role', {
      roleName: 'millrace-stream',
      description: 'The Spark job: topic to tables',
      assumedBy: new ServicePrincipal('emr-serverless.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    });
    for (const statement of bucketStatements(this.bucket, 'stream')) role.addToPolicy(statement);
    // Through an endpoint, Keyspaces tells who its nodes are only to whom it may ask where the endpoint lies.
    if (network.endpoints) allow(role, ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeVpcEndpoints'], ['*']);
    return role;
  }
}

const jobsAtOnce = 3;

/** What a worker has unless told otherwise. */
const diskGb = 20;

function allow(grantee: IGrantable, actions: string[], resources: string[]): void {
  grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
}
