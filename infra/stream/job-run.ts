import { jobVersion } from '../../streaming/job-version.ts';
import type { Config } from '../config.ts';
import type { Artifacts } from './artifacts.ts';
import { profileFile } from './keyspaces-profile.ts';

/** Where a stage's job finds things; on AWS these are known when they are deployed. */
export interface JobPlaces {
  readonly applicationId: string;
  readonly roleArn: string;
  readonly bucket: string;
  /** `host:9098,host:9098` */
  readonly brokers: string;
}

type Stream = Config['stream'];
type Settings = Readonly<Record<string, string>>;

/**
 * What every job run of the application has in common, whoever starts it. A function's environment has room for 4 KB, and
 * the jars alone take half of that; nor do all of these survive being split at blanks.
 */
export function applicationSettings({ jars }: Artifacts, { bucket }: Pick<JobPlaces, 'bucket'>): Settings {
  return {
    'spark.jars': jars.map((key) => `s3://${bucket}/${key}`).join(','),
    'spark.sql.extensions': 'com.datastax.spark.connector.CassandraSparkExtensions',
    // The other one asks for a file system that S3 has not got.
    'spark.sql.streaming.checkpointFileManagerClass':
      'org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager',
    'spark.driver.extraJavaOptions': '-Duser.timezone=UTC',
    'spark.cassandra.connection.config.profile.path': profileFile,
    // AWS advises three of its own tables' writers; a table whose batches are single rows needs some more.
    'spark.millrace.tables.concurrent': '8',
    'spark.millrace.tables.oldest.seconds': String(tablesTakeSeconds),
    ...kafkaLogin,
  };
}

/** Keyspaces refuses a write time of more than two days ago. An hour is left for a batch that is tried again. */
export const tablesTakeSeconds = 47 * 3600;

const kafkaLogin: Settings = {
  'spark.millrace.kafka.security.protocol': 'SASL_SSL',
  'spark.millrace.kafka.sasl.mechanism': 'AWS_MSK_IAM',
  'spark.millrace.kafka.sasl.jaas.config': 'software.amazon.msk.auth.iam.IAMLoginModule required;',
  'spark.millrace.kafka.sasl.client.callback.handler.class': 'software.amazon.msk.auth.iam.IAMClientCallbackHandler',
};

/** What one job run says by itself: its code, its sizes, and where Kafka is. No value has a blank. */
export function jobSettings(stream: Stream, artifacts: Artifacts, { bucket, brokers }: JobPlaces): Settings {
  const at = (key: string) => `s3://${bucket}/${key}`;
  return {
    'spark.files': [artifacts.profile, artifacts.truststore].map(at).join(','),
    'spark.driver.cores': String(stream.driver.vcpu),
    'spark.driver.memory': `${heapMb(stream.driver.memoryGb)}m`,
    'spark.executor.cores': String(stream.executor.vcpu),
    'spark.executor.memory': `${heapMb(stream.executor.memoryGb)}m`,
    'spark.executor.instances': String(stream.executors),
    // As many as were said, from the first batch to the last: the bill is what the table of costs says.
    'spark.dynamicAllocation.enabled': 'false',
    'spark.millrace.kafka.bootstrap.servers': brokers,
  };
}

/** Spark asks for a tenth more than its heap, at least 384 MB; both together are the worker that is paid for. */
function heapMb(workerGb: number): number {
  const worker = workerGb * 1024;
  return Math.floor(Math.min(worker - 384, worker / 1.1));
}

/** The environment of `supervise`: one request of StartJobRun, as data. */
export function jobEnvironment(stream: Stream, artifacts: Artifacts, places: JobPlaces) {
  return {
    JOB_APPLICATION: places.applicationId,
    JOB_ROLE_ARN: places.roleArn,
    JOB_ENTRY_POINT: `s3://${places.bucket}/${artifacts.entry}`,
    JOB_SPARK_PARAMETERS: sparkParameters(stream, artifacts, places),
    JOB_MODE: stream.mode,
    JOB_EVERY: stream.every,
    JOB_TRIGGER: stream.trigger,
    JOB_VERSION: versionOf(stream, artifacts),
  } as const;
}

function sparkParameters(stream: Stream, artifacts: Artifacts, places: JobPlaces): string {
  const settings = Object.entries(jobSettings(stream, artifacts, places));
  const modules = `s3://${places.bucket}/${artifacts.modules}`;
  return [`--py-files ${modules}`, ...settings.map(([name, value]) => `--conf ${name}=${value}`)].join(' ');
}

/** Of what is known before anything is deployed: the same sources, whose hashes lie in the keys, in every account. */
function versionOf(stream: Stream, artifacts: Artifacts): string {
  const nowhere: JobPlaces = { applicationId: '', roleArn: '', bucket: '', brokers: '' };
  const settings = [applicationSettings(artifacts, nowhere), jobSettings(stream, artifacts, nowhere)];
  return jobVersion(JSON.stringify([stream.release, stream.mode, stream.trigger, settings]));
}
