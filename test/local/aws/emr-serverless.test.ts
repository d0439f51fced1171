import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CancelJobRunCommand,
  EMRServerlessClient,
  GetApplicationCommand,
  GetJobRunCommand,
  ListApplicationsCommand,
  ListJobRunsCommand,
  StartJobRunCommand,
  type StartJobRunCommandInput,
  StopApplicationCommand,
  UpdateApplicationCommand,
} from '@aws-sdk/client-emr-serverless';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { markOf } from '../../../local/supervisor/process.ts';
import { type RunningAws, startTestAws } from './local-aws.ts';

let aws: RunningAws;
let emr: EMRServerlessClient;

beforeEach(async () => {
  aws = await startTestAws({ stopGraceSeconds: 1 });
  emr = new EMRServerlessClient({ ...aws.client, maxAttempts: 1 });
});

afterEach(async () => {
  emr.destroy();
  await aws.stop();
});

const applicationId = 'local';

function start(what: string, input: Partial<StartJobRunCommandInput> = {}) {
  const sparkSubmit = {
    entryPoint: '/job/main.py',
    entryPointArguments: ['--generation', '7', what],
    sparkSubmitParameters: `--conf spark.executor.cores=2 --conf "spark.app.note=two words" --driver-memory 14g`,
  };
  return emr.send(
    new StartJobRunCommand({
      applicationId,
      clientToken: `token-${what}`,
      executionRoleArn: 'arn:aws:iam::000000000000:role/local',
      name: 'stream-7',
      jobDriver: { sparkSubmit },
      ...input,
    }),
  );
}

const jobRun = async (jobRunId = '') => (await emr.send(new GetJobRunCommand({ applicationId, jobRunId }))).jobRun;
const reaches = (state: string, id?: string) =>
  vi.waitFor(async () => expect((await jobRun(id))?.state).toBe(state), { timeout: 30_000, interval: 20 });
const cancel = (jobRunId = '', shutdownGracePeriodInSeconds?: number) =>
  emr.send(new CancelJobRunCommand({ applicationId, jobRunId, shutdownGracePeriodInSeconds }));
const read = (name: string) => readFile(join(aws.folder, name), 'utf8');

/** The job's child, once the job has written its number down. */
const childOf = () =>
  vi.waitFor(async () => {
    const pid = Number(await read('child'));
    expect(pid).toBeGreaterThan(0);
    return pid;
  }, 30_000);

// The kernel takes a moment to end a process that was killed; when it is buried is up to process 1.
const isGone = (pid: number) => vi.waitFor(() => expect(markOf(pid)).toBeUndefined(), 30_000);

describe('a job run', () => {
  it('is a spark-submit whose local settings win over the request’s', async () => {
    const { jobRunId } = await start('succeed', { mode: 'STREAMING' });
    await reaches('SUCCESS', jobRunId);
    expect((await read('arguments')).split('\n')).toEqual([
      ...['--conf', 'spark.executor.cores=2', '--conf', 'spark.app.note=two words', '--driver-memory', '14g'],
      ...['--name', 'stream-7', '--master', 'local[2]', '--deploy-mode', 'client', '--driver-memory', '1g'],
      ...['--jars', '/jars/a.jar,/jars/b.jar', '--properties-file', join(aws.folder, `spark-${jobRunId}.properties`)],
      ...['/job/main.py', '--generation', '7', 'succeed', ''],
    ]);
  });

  it('that ends leaves most of the machine to the one that does not', async () => {
    await reaches('SUCCESS', (await start('succeed', { mode: 'BATCH' })).jobRunId);
    expect(await read('arguments')).toContain('--master\nlocal[1]\n--deploy-mode\nclient\n--driver-memory\n768m\n');
  });

  it('gets its properties in a file that only its owner reads, and no secret on the command line', async () => {
    const { jobRunId } = await start('succeed');
    await reaches('SUCCESS', jobRunId);
    const file = join(aws.folder, `spark-${jobRunId}.properties`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe(
      'spark.millrace.kafka.sasl.jaas.config=password="s3cr\\\\et"\n' +
        'spark.ui.enabled=false\nspark.driver.host=127.0.0.1\nspark.driver.bindAddress=127.0.0.1\n' +
        'spark.sql.session.timeZone=UTC\nspark.driver.extraJavaOptions=-Duser.timezone=UTC\n',
    );
    expect(await read('arguments')).not.toContain('s3cr');
    expect(await read('environment')).not.toContain('s3cr');
  });

  it('runs in UTC, on loopback, with the given Python and nothing of our environment', async () => {
    process.env['LEAKED'] = 'yes';
    await reaches('SUCCESS', (await start('succeed')).jobRunId);
    delete process.env['LEAKED'];
    const environment = await read('environment');
    for (const line of ['TZ=UTC', 'SPARK_LOCAL_IP=127.0.0.1', 'PYSPARK_PYTHON=/nowhere/python3']) {
      expect(environment.split('\n')).toContain(line);
    }
    expect(environment).not.toContain('LEAKED');
    expect(environment).not.toContain('AWS_');
  });

  it('that fails tells the end of its log', async () => {
    const { jobRunId } = await start('fail');
    await reaches('FAILED', jobRunId);
    const { stateDetails, attempt } = (await jobRun(jobRunId)) ?? {};
    expect(stateDetails).toMatch(/^attempt 1: exit status 1; .*about to fail\n.*broken on purpose$/s);
    expect(attempt).toBe(1);
  });

  it('with the same token is the same one; a token for another request is refused', async () => {
    const first = await start('run');
    expect((await start('run')).jobRunId).toBe(first.jobRunId);
    await expect(start('run', { name: 'another' })).rejects.toMatchObject({ name: 'ConflictException' });
    await reaches('RUNNING', first.jobRunId);
    await vi.waitFor(async () => expect((await read('pids')).trim().split('\n')).toHaveLength(1), 30_000);
  });

  it('in streaming mode is tried again after a failure', async () => {
    const { jobRunId } = await start('fail-once', { mode: 'STREAMING' });
    await reaches('SUCCESS', jobRunId);
    expect((await jobRun(jobRunId))?.attempt).toBe(2);
  });

  it('in streaming mode is given up at its number of failures within the hour', async () => {
    const { jobRunId } = await start('fail', { mode: 'STREAMING', retryPolicy: { maxFailedAttemptsPerHour: 2 } });
    await reaches('FAILED', jobRunId);
    expect((await jobRun(jobRunId))?.attempt).toBe(2);
  });

  it('is refused when it asks for what is not honoured here', async () => {
    await expect(start('run', { executionTimeoutMinutes: 5 })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/executionTimeoutMinutes/),
    });
  });
});

describe('cancelling', () => {
  it('ends the whole process group by SIGTERM', async () => {
    const { jobRunId } = await start('run');
    const child = await childOf();
    await cancel(jobRunId, 30);
    await reaches('CANCELLED', jobRunId);
    await isGone(child);
  });

  it('kills a job that outlasts its grace', async () => {
    const { jobRunId } = await start('ignore-term', { mode: 'STREAMING' });
    const child = await childOf();
    await cancel(jobRunId, 4);
    expect((await jobRun(jobRunId))?.state).toBe('CANCELLING');
    await reaches('CANCELLED', jobRunId);
    expect((await jobRun(jobRunId))?.stateDetails).toBe('signal SIGKILL');
    await isGone(child);
  });

  it('is refused for a job run that is over, and for one that is not there', async () => {
    const { jobRunId } = await start('succeed');
    await reaches('SUCCESS', jobRunId);
    await expect(cancel(jobRunId)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(cancel('0000')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('of everything is part of stopping the endpoints', async () => {
    await start('ignore-term');
    const child = await childOf();
    await aws.stop();
    await isGone(child);
  });
});

describe('the application', () => {
  const state = async () => (await emr.send(new GetApplicationCommand({ applicationId }))).application?.state;
  const stop = () => emr.send(new StopApplicationCommand({ applicationId }));
  const update = () => emr.send(new UpdateApplicationCommand({ applicationId, clientToken: 'update' }));

  it('cannot be updated while a job runs, nor before it is stopped', async () => {
    expect(await state()).toBe('CREATED');
    await update();
    const { jobRunId } = await start('run');
    expect(await state()).toBe('STARTED');
    await expect(update()).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/Current status: STARTED/),
    });
    await reaches('RUNNING', jobRunId);
    await expect(stop()).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/has active job runs/),
    });
    await cancel(jobRunId, 5);
    await reaches('CANCELLED', jobRunId);
    // It waits for the next job: AWS stops it by itself after some idle minutes.
    expect(await state()).toBe('STARTED');
    await expect(update()).rejects.toMatchObject({ name: 'ValidationException' });
    await stop();
    expect(await state()).toBe('STOPPED');
    await update();
  });

  it('starts again by the next job run', async () => {
    await stop();
    expect(await state()).toBe('STOPPED');
    await start('run');
    expect(await state()).toBe('STARTED');
  });

  it('is found by its name', async () => {
    const { applications } = await emr.send(new ListApplicationsCommand({}));
    expect(applications).toMatchObject([{ id: 'local', name: 'millrace', state: 'CREATED' }]);
  });

  it('lists its job runs, newest first, by state and mode', async () => {
    const first = await start('succeed');
    await reaches('SUCCESS', first.jobRunId);
    const second = await start('run', { mode: 'STREAMING' });
    const list = async (input = {}) =>
      (await emr.send(new ListJobRunsCommand({ applicationId, ...input }))).jobRuns?.map(({ id }) => id);
    expect(await list()).toEqual([second.jobRunId, first.jobRunId]);
    expect(await list({ states: ['SUCCESS', 'FAILED'] })).toEqual([first.jobRunId]);
    expect(await list({ mode: 'STREAMING' })).toEqual([second.jobRunId]);
  });

  it('is the only one', async () => {
    await expect(emr.send(new GetApplicationCommand({ applicationId: 'other' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
