import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EMRServerlessClient, GetJobRunCommand } from '@aws-sdk/client-emr-serverless';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { emrServerless } from '../../../../functions/adapters/aws/jobs.ts';
import type { JobMode, JobState, Jobs } from '../../../../functions/ports.ts';
import { type RunningAws, startTestAws } from '../../../local/aws/local-aws.ts';

/** On the endpoint of this machine, which starts a stand-in for Spark. */

let aws: RunningAws;
let client: EMRServerlessClient;
let jobs: Jobs;

beforeEach(async () => {
  aws = await startTestAws({ stopGraceSeconds: 1 });
  client = new EMRServerlessClient({ ...aws.client, maxAttempts: 1 });
  const settings = {
    applicationId: 'local',
    roleArn: 'arn:aws:iam::000000000000:role/local',
    entryPoint: '/job/main.py',
  };
  jobs = emrServerless({ ...settings, sparkParameters: '', logs: 's3://a-bucket/logs/' }, () => client);
});
afterEach(async () => {
  client.destroy();
  await aws.stop();
});

const start = (mode: JobMode, what: string) =>
  jobs.start({ clientToken: `token-${what}`, name: 'millrace-3', mode, arguments: ['--mode', mode, what] });
const reaches = (jobRun: string, state: JobState) =>
  vi.waitFor(async () => expect((await jobs.state(jobRun)).state).toBe(state), { timeout: 25_000, interval: 50 });
const found = async (jobRunId: string) =>
  (await client.send(new GetJobRunCommand({ applicationId: 'local', jobRunId }))).jobRun;

it('A job that ends is a batch: what it was told, until it has read everything', async () => {
  const jobRun = await start('available-now', 'succeed');
  await reaches(jobRun, 'SUCCESS');
  expect(await found(jobRun)).toMatchObject({ mode: 'BATCH', attempt: 1 });
  expect(await readFile(join(aws.folder, 'arguments'), 'utf8')).toMatch(
    /\/job\/main\.py\n--mode\navailable-now\nsucceed\n$/,
  );
});

it('A job that ends is tried once: supervise starts the next one from where the tables are', async () => {
  const jobRun = await start('available-now', 'fail');
  await reaches(jobRun, 'FAILED');
  expect(await found(jobRun)).toMatchObject({ attempt: 1, retryPolicy: { maxAttempts: 1 } });
});

it('A job that goes on for ever is started again by the service', async () => {
  const jobRun = await start('streaming', 'fail-once');
  await reaches(jobRun, 'SUCCESS');
  expect(await found(jobRun)).toMatchObject({ mode: 'STREAMING', attempt: 2 });
});

it('A job that runs is cancelled with grace, in either mode', async () => {
  for (const mode of ['available-now', 'streaming'] as const) {
    const jobRun = await jobs.start({ clientToken: mode, name: mode, mode, arguments: ['run'] });
    await reaches(jobRun, 'RUNNING');
    await jobs.cancel(jobRun, 30);
    await reaches(jobRun, 'CANCELLED');
  }
});

it('A job run that the service has forgotten is unknown', async () => {
  expect(await jobs.state('00forgotten')).toEqual({ state: 'UNKNOWN', detail: 'no such job run' });
});
