import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type InvocationType,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  type LogType,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fixtureFunction, type RunningAws, startTestAws } from './local-aws.ts';

let aws: RunningAws;
let lambda: LambdaClient;

beforeAll(async () => {
  aws = await startTestAws({
    functions: [
      fixtureFunction('steady', { environment: { PATH: process.env['PATH'] ?? '', SOURCE: 'sample' } }),
      fixtureFunction('events'),
      fixtureFunction('reused'),
      fixtureFunction('hurried', { timeoutSeconds: 1 }),
      fixtureFunction('single'),
      fixtureFunction('double', { concurrency: 2 }),
      fixtureFunction('no-export', { folder: 'no-export' }),
      fixtureFunction('missing-module', { folder: 'missing-module' }),
      fixtureFunction('throws-at-start', { folder: 'throws-at-start' }),
      fixtureFunction('no-bundle', { folder: 'is-not-there' }),
    ],
  });
  lambda = new LambdaClient({ ...aws.client, maxAttempts: 1 });
});

afterAll(async () => {
  lambda.destroy();
  await aws.stop();
});

async function invoke(name: string, event: object = {}, input: Partial<InvokeCommandInput> = {}) {
  const answer = await lambda.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), ...input }));
  const text = answer.Payload?.transformToString() ?? '';
  return { ...answer, body: text === '' ? null : JSON.parse(text) };
}

const later = { InvocationType: 'Event' as InvocationType };

describe('a synchronous invocation', { timeout: 30_000 }, () => {
  it('answers what the handler returned, with a context like Lambda’s', async () => {
    const { StatusCode, FunctionError, ExecutedVersion, body } = await invoke('steady', { pipeline: 'random-users' });
    expect({ StatusCode, FunctionError, ExecutedVersion }).toEqual({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(body).toMatchObject({ event: { pipeline: 'random-users' }, functionName: 'steady' });
    expect(body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.traceId).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
    expect(body.remaining).toBeGreaterThan(15_000);
    expect(body.remaining).toBeLessThanOrEqual(20_000);
  });

  it('uses the warm process again', async () => {
    const first = await invoke('reused');
    const second = await invoke('reused');
    expect([first.body.calls, second.body.calls]).toEqual([1, 2]);
    expect(second.body.pid).toBe(first.body.pid);
  });

  it('is found by its ARN and with a qualifier as well', async () => {
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:steady';
    expect((await invoke(arn)).body.functionName).toBe('steady');
    expect((await invoke('steady', {}, { Qualifier: '$LATEST' })).body.functionName).toBe('steady');
  });

  it('gives the handler the environment it was promised and nothing of ours', async () => {
    process.env['LEAKED'] = 'yes';
    const { body } = await invoke('steady', { do: 'environment' });
    delete process.env['LEAKED'];
    expect(body).toMatchObject({
      SOURCE: 'sample',
      TZ: 'UTC',
      AWS_LAMBDA_FUNCTION_NAME: 'steady',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_ENDPOINT_URL_LAMBDA: aws.url,
    });
    expect(Object.keys(body)).not.toContain('LEAKED');
    expect(Object.keys(body)).not.toContain('HOME');
  });

  it.each([
    ['an error', { do: 'throw' }, { errorType: 'PipelineError', errorMessage: 'no such country' }],
    ['a text', { do: 'throwText' }, { errorType: 'string', errorMessage: 'just text' }],
    ['an exit', { do: 'exit' }, { errorType: 'Runtime.ExitError', errorMessage: /exit status 3$/ }],
    ['a late exception', { do: 'uncaught' }, { errorType: 'RangeError', errorMessage: 'thrown after a turn' }],
    ['an answer over 6 MB', { do: 'large', bytes: 6_291_600 }, { errorType: 'Function.ResponseSizeTooLarge' }],
  ])('reports %s of the handler as a function error and works the next time', async (_, event, error) => {
    const failed = await invoke('steady', event);
    expect(failed).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    for (const [name, expected] of Object.entries(error)) expect(failed.body[name]).toMatch(expected);
    expect((await invoke('steady')).FunctionError).toBeUndefined();
  });

  it('keeps the stack of the handler’s error', async () => {
    const { body } = await invoke('steady', { do: 'throw' });
    expect(body.trace[0]).toBe('PipelineError: no such country');
    expect(body.trace.length).toBeGreaterThan(1);
  });

  it('is not tried again', async () => {
    const file = join(aws.folder, 'sync-marks');
    await invoke('steady', { do: 'mark', file, succeedAt: 99 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(1);
  });

  it('kills the process at the timeout; the next one starts another', async () => {
    const { FunctionError, body } = await invoke('hurried', { do: 'sleep', ms: 60_000 });
    expect(FunctionError).toBe('Unhandled');
    expect(body).toMatchObject({ errorType: 'Sandbox.Timedout', errorMessage: /Task timed out after 1.00 seconds$/ });
    expect((await invoke('hurried')).body.calls).toBe(1);
  });

  it.each([
    ['no-export', 'Runtime.HandlerNotFound', /index.handler is undefined or not exported/],
    ['missing-module', 'Runtime.ImportModuleError', /nowhere-to-be-found/],
    ['throws-at-start', 'TypeError', /bad at start/],
    ['no-bundle', 'Runtime.ExitError', /is-not-there/],
  ])('says why %s cannot start', async (name, errorType, message) => {
    const { FunctionError, body } = await invoke(name);
    expect({ FunctionError, errorType: body.errorType }).toEqual({ FunctionError: 'Unhandled', errorType });
    expect(body.errorMessage).toMatch(message);
  });

  it('returns the end of the log when asked', async () => {
    const tail = async (LogType: LogType) =>
      (await invoke('steady', { do: 'print', lines: 2000 }, { LogType })).LogResult;
    const log = Buffer.from((await tail('Tail')) ?? '', 'base64').toString();
    expect(log.endsWith('line 1999\nline 2000\n')).toBe(true);
    expect(log.length).toBeLessThanOrEqual(4096);
    expect(await tail('None')).toBeUndefined();
    expect((await invoke('steady', {}, { LogType: 'Tail' })).LogResult ?? '').toBe('');
    // The log file is written beside the answer, not before it.
    await expect.poll(() => readFile(join(aws.folder, 'steady.log'), 'utf8')).toContain('line 1\nline 2\n');
  });

  it('gives the process the memory of its function', async () => {
    const megabytes = (await invoke('steady', { do: 'memory' })).body / 1024 / 1024;
    expect(megabytes).toBeGreaterThan(120);
    expect(megabytes).toBeLessThan(250);
  });

  it('only checks on a dry run', async () => {
    expect((await invoke('steady', {}, { InvocationType: 'DryRun' })).StatusCode).toBe(204);
  });
});

describe('a refused invocation', { timeout: 30_000 }, () => {
  it('is one of a function that is not there', async () => {
    await expect(invoke('nobody')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: /Function not found: nobody; there are: steady/,
      $metadata: { httpStatusCode: 404 },
    });
  });

  it.each([
    ['a payload over 6 MB', 7_000_000, {}],
    ['an event over 1 MB', 1_100_000, later],
  ])('is one with %s', async (_, bytes, input) => {
    await expect(invoke('steady', { text: 'x'.repeat(bytes) }, input)).rejects.toMatchObject({
      name: 'RequestTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
  });

  it('is one whose payload is not JSON', async () => {
    await expect(invoke('steady', {}, { Payload: '{"half":' })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
  });

  it('is one over the concurrency, which an SDK client repeats by itself', async () => {
    const first = invoke('single', { do: 'sleep', ms: 1500 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await expect(invoke('single')).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    });
    expect((await first).body.slept).toBe(1500);
  });
});

describe('concurrent invocations', { timeout: 30_000 }, () => {
  it('run in a process each', async () => {
    const [a, b] = await Promise.all([1, 2].map(() => invoke('double', { do: 'sleep', ms: 300 })));
    expect(a?.body.pid).not.toBe(b?.body.pid);
  });
});

describe('an asynchronous invocation', { timeout: 30_000 }, () => {
  const marks = async (file: string) =>
    (await readFile(file, 'utf8').catch(() => '')).trim().split('\n').filter(Boolean);

  it('is accepted at once and runs', async () => {
    const file = join(aws.folder, 'one-mark');
    expect(await invoke('events', { do: 'mark', file, succeedAt: 1 }, later)).toMatchObject({
      StatusCode: 202,
      body: null,
    });
    await vi.waitFor(async () => expect(await marks(file)).toHaveLength(1), 10_000);
  });

  it('is tried again until it succeeds', async () => {
    const file = join(aws.folder, 'two-marks');
    await invoke('events', { do: 'mark', file, succeedAt: 2 }, later);
    await vi.waitFor(async () => expect(await marks(file)).toHaveLength(2), 10_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await marks(file)).toHaveLength(2);
  });

  it('is dropped with a line after two retries', async () => {
    const file = join(aws.folder, 'three-marks');
    await invoke('events', { do: 'mark', file, succeedAt: 99 }, later);
    await vi.waitFor(
      () => expect(aws.lines.at(-1)).toMatch(/^events: event .*not yet.*; dropped after 2 retries$/),
      10_000,
    );
    expect(await marks(file)).toHaveLength(3);
  });

  it('waits for a free process instead of being refused', async () => {
    const file = join(aws.folder, 'queued-marks');
    for (let n = 0; n < 5; n += 1) await invoke('events', { do: 'mark', file, succeedAt: 1 }, later);
    await vi.waitFor(async () => expect(await marks(file)).toHaveLength(5), 10_000);
  });
});
