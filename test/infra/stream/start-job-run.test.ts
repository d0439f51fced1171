import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configOf } from '../../../infra/config.ts';
import { artifactsOf } from '../../../infra/stream/artifacts.ts';
import { jobEnvironment } from '../../../infra/stream/job-run.ts';
import { type Cloud, requestedJobRun, startCloud } from '../cloud/cloud-functions.ts';

/** The table of job runs, read off the request that the bundle of supervise sends with a stage's environment. */
let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud?.stop());
beforeEach(() => {
  cloud.aws.forget();
  cloud.rds.forget();
});

const roleArn = 'arn:aws:iam::123456789012:role/millrace-stream';
const places = { applicationId: '00application', roleArn, bucket: 'a-bucket', brokers: 'b-1:9098,b-2:9098' };

/** As words, without what a change of the code changes. */
const wordsOf = (parameters: string) => parameters.replaceAll(/\/[0-9a-f]{12}\//g, '/<hash>/').split(' ');

const common = [
  ...['--py-files', 's3://a-bucket/job/<hash>/modules.zip'],
  ...['--conf', 'spark.files=s3://a-bucket/conf/<hash>/keyspaces.conf,s3://a-bucket/conf/<hash>/truststore.jks'],
];
const sizes = (cores: number, memory: string, executors: number) => [
  ...['--conf', `spark.driver.cores=${cores}`, '--conf', `spark.driver.memory=${memory}`],
  ...['--conf', `spark.executor.cores=${cores}`, '--conf', `spark.executor.memory=${memory}`],
  ...['--conf', `spark.executor.instances=${executors}`, '--conf', 'spark.dynamicAllocation.enabled=false'],
];
const brokers = ['--conf', 'spark.millrace.kafka.bootstrap.servers=b-1:9098,b-2:9098'];

const streaming = { mode: 'STREAMING', retryPolicy: { maxFailedAttemptsPerHour: 5 } };
const batch = { mode: 'BATCH', retryPolicy: { maxAttempts: 1 } };

describe('supervise starts a job run', () => {
  it.each([
    ['dev', batch, sizes(1, '3712m', 1), ['--mode', 'available-now', '--trigger', '2 seconds']],
    ['full', streaming, sizes(1, '3712m', 1), ['--mode', 'streaming', '--trigger', '2 seconds']],
    ['prod', streaming, sizes(2, '7447m', 2), ['--mode', 'streaming', '--trigger', '2 seconds']],
  ])('of %s as the table says', async (stage, kind, sized, told) => {
    const { stream } = configOf(stage);
    const environment = jobEnvironment(stream, artifactsOf('us-east-1'), places);
    const { request, body } = await requestedJobRun(cloud, environment, stream.mode);
    expect(request?.action).toBe('POST /applications/00application/jobruns');
    expect(body).toMatchObject({ ...kind, executionRoleArn: roleArn });
    const { entryPoint, entryPointArguments, sparkSubmitParameters } = body.jobDriver.sparkSubmit;
    expect(entryPoint).toMatch(/^s3:\/\/a-bucket\/job\/[0-9a-f]{12}\/main\.py$/);
    expect(entryPointArguments.slice(-told.length)).toEqual(told);
    expect(wordsOf(sparkSubmitParameters)).toEqual([...common, ...sized, ...brokers]);
  });
});
