import {
  CancelJobRunCommand,
  EMRServerlessClient,
  GetApplicationCommand,
  ListJobRunsCommand,
  StartJobRunCommand,
  UpdateApplicationCommand,
} from '@aws-sdk/client-emr-serverless';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Asked, holdKey, isComplete, onEvent } from '../../../../infra/stream/hold/hold.ts';
import { startMoto } from '../../../contracts/moto.ts';
import { type RunningAws, startTestAws } from '../../../local/aws/local-aws.ts';

const bucket = 'millrace-test';
const applicationId = 'local';
const now = new Date('2026-11-27T12:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

let moto: Awaited<ReturnType<typeof startMoto>>;
let aws: RunningAws;
let emr: EMRServerlessClient;
let s3: S3Client;

beforeAll(async () => {
  moto = await startMoto();
  s3 = new S3Client({
    endpoint: moto.url,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterAll(async () => {
  s3?.destroy();
  await moto?.stop();
});
beforeEach(async () => {
  aws = await startTestAws({ stopGraceSeconds: 1 });
  emr = new EMRServerlessClient({ ...aws.client, maxAttempts: 1 });
});
afterEach(async () => {
  emr.destroy();
  await aws.stop();
});

const asked = (part: 'hold' | 'run', RequestType: Asked['RequestType'], application = 'millrace'): Asked => ({
  RequestType,
  ResourceProperties: { part, application, bucket, supervisedSeconds: '60' },
});

async function heldUntil(): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: holdKey }));
    return (JSON.parse((await Body?.transformToString()) ?? '') as { until: string }).until;
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') return undefined;
    throw error;
  }
}

const start = (clientToken: string) =>
  emr.send(
    new StartJobRunCommand({
      applicationId,
      clientToken,
      executionRoleArn: 'arn:aws:iam::000000000000:role/local',
      mode: 'STREAMING',
      jobDriver: { sparkSubmit: { entryPoint: '/job/main.py', entryPointArguments: ['run'] } },
    }),
  );
const stateOfApplication = async () =>
  (await emr.send(new GetApplicationCommand({ applicationId }))).application?.state;
const update = () => emr.send(new UpdateApplicationCommand({ applicationId, clientToken: 'update' }));

/** As CloudFormation's waiter asks: what onEvent said comes along. */
async function untilComplete(request: Asked, at: Date): Promise<void> {
  await vi.waitFor(async () => expect((await isComplete({ emr, s3 }, request, at)).IsComplete).toBe(true), {
    timeout: 50_000,
    interval: 100,
  });
}

describe('Before the application is updated', () => {
  it('hold keeps supervise off, ends the running job and stops the application, which may then be updated', async () => {
    await start('one');
    await expect(update()).rejects.toMatchObject({ name: 'ValidationException' });
    const answer = await onEvent({ emr, s3 }, asked('hold', 'Update'), now);
    expect(await heldUntil()).toBe('2026-11-27T12:30:00.000Z');

    const request = { ...asked('hold', 'Update'), Data: answer.Data };
    expect(await isComplete({ emr, s3 }, request, later(61))).toEqual({ IsComplete: false });
    await untilComplete(request, later(70));
    expect(await stateOfApplication()).toBe('STOPPED');
    await update();

    await onEvent({ emr, s3 }, asked('run', 'Update'), later(90));
    expect(await heldUntil()).toBeUndefined();
  });

  it('hold waits for a supervise that looked before it, and ends the job that this one started', async () => {
    const { Data } = await onEvent({ emr, s3 }, asked('hold', 'Update'), now);
    const request = { ...asked('hold', 'Update'), Data };
    expect(await isComplete({ emr, s3 }, request, later(59))).toEqual({ IsComplete: false });
    await start('too late to be told');
    expect(await isComplete({ emr, s3 }, request, later(61))).toEqual({ IsComplete: false });
    await untilComplete(request, later(62));
    await update();
  });

  it('hold has nothing to end when the application never ran, or waits idle for a job', async () => {
    const { Data } = await onEvent({ emr, s3 }, asked('hold', 'Update'), now);
    const request = { ...asked('hold', 'Update'), Data };
    expect(await isComplete({ emr, s3 }, request, later(61))).toEqual({ IsComplete: true });

    const { jobRunId } = await start('one');
    await emr.send(new CancelJobRunCommand({ applicationId, jobRunId, shutdownGracePeriodInSeconds: 5 }));
    await vi.waitFor(async () => expect(await activeRuns()).toBe(0), 50_000);
    expect(await stateOfApplication()).toBe('STARTED');
    await untilComplete(request, later(61));
    await update();
  });

  const activeRuns = async () => {
    const { jobRuns } = await emr.send(
      new ListJobRunsCommand({ applicationId, states: ['RUNNING', 'CANCELLING', 'SUBMITTED'] }),
    );
    return jobRuns?.length;
  };
});

describe('Before the application is deleted', () => {
  it('run stops it, and keeps supervise from starting a job in between', async () => {
    await start('one');
    const { Data } = await onEvent({ emr, s3 }, asked('run', 'Delete'), now);
    expect(await heldUntil()).toBe('2026-11-27T12:30:00.000Z');
    await untilComplete({ ...asked('run', 'Delete'), Data }, later(61));
    expect(await stateOfApplication()).toBe('STOPPED');
    await onEvent({ emr, s3 }, asked('run', 'Create'), later(62));
  });

  it('run has nothing to wait for when its application is gone, whatever another one does', async () => {
    await start('of another application');
    const { Data } = await onEvent({ emr, s3 }, asked('run', 'Delete'), now);
    const request = { ...asked('run', 'Delete', 'another'), Data };
    expect(await isComplete({ emr, s3 }, request, later(61))).toEqual({ IsComplete: true });
    await onEvent({ emr, s3 }, asked('run', 'Create'), later(62));
  });
});

describe('Nothing is held or stopped', () => {
  it.each([
    ['when hold is made, before there is an application', 'hold', 'Create'],
    ['when hold is deleted, after the application', 'hold', 'Delete'],
    ['when run is made, after the application', 'run', 'Create'],
    ['when run is updated, after the application', 'run', 'Update'],
  ] as const)('%s', async (_, part, type) => {
    await start('one');
    const answer = await onEvent({ emr, s3 }, asked(part, type), now);
    expect(answer.PhysicalResourceId).toBe(part);
    expect(await isComplete({ emr, s3 }, { ...asked(part, type), Data: answer.Data }, now)).toEqual({
      IsComplete: true,
    });
    expect(await heldUntil()).toBeUndefined();
    expect(await stateOfApplication()).toBe('STARTED');
  });
});
