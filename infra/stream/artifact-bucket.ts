import path from 'node:path';
import { Duration, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { artifactBucketName } from '../names.ts';
import { type Artifacts, writeArtifacts } from './artifacts.ts';
import { jarsHash } from './jars/lock.ts';

/** Nothing that is current ever expires but the logs: a job that runs for months reads its code when it starts again. */
const lifecycle: LifecycleRule[] = [
  { id: 'earlier-versions', noncurrentVersionExpiration: Duration.days(30), expiredObjectDeleteMarker: true },
  { id: 'half-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
  { id: 'logs', prefix: 'logs/', expiration: Duration.days(30) },
  // Written every few seconds; what was in one is in the database too.
  { id: 'old-checkpoints', prefix: 'checkpoints/', noncurrentVersionExpiration: Duration.days(1) },
];

/** Holds what the Spark job is made of, what `prepare` writes for it, its checkpoints and its logs. */
export function artifactBucket(scope: Construct, config: Config): Bucket {
  return new Bucket(scope, 'Artifacts', {
    bucketName: artifactBucketName(config),
    versioned: true,
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: lifecycle,
    ...(config.data === 'retain'
      ? { removalPolicy: RemovalPolicy.RETAIN }
      : { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true }),
  });
}

/** Brings code, settings and jars. Nothing is taken away: every key holds its hash, and an older job may need its own. */
export function deployArtifacts(bucket: Bucket, artifacts: Artifacts): BucketDeployment {
  const stack = Stack.of(bucket);
  const folder = path.join(Stage.of(bucket)?.outdir ?? '', 'stream-artifacts');
  writeArtifacts(artifacts, folder);
  return new BucketDeployment(stack, 'Files', {
    destinationBucket: bucket,
    sources: [Source.asset(folder), stagedJars(stack)],
    prune: false,
    retainOnDelete: true,
    outputObjectKeys: false,
    // Archives are opened on its disk; its default memory is slow at it.
    memoryLimit: 512,
    logGroup: new LogGroup(stack, 'FilesLog', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
  });
}

/**
 * The jars as an asset that is made when it is deployed: synthesizing needs neither network nor Maven, and who has these
 * jars in the bucket already never fetches them.
 */
function stagedJars(stack: Stack) {
  const command = path.join(import.meta.dirname, '..', 'commands', 'jars.ts');
  const { bucketName, objectKey } = stack.synthesizer.addFileAsset({
    executable: ['node', '--import', 'tsx', command],
    sourceHash: `jars-${jarsHash}`,
    displayName: 'Jars of the Spark job',
  });
  return Source.bucket(Bucket.fromBucketName(stack, 'Staged', bucketName), objectKey);
}
