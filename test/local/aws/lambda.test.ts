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

/** What the local endpoint does beside the contract in test/contracts/lambda.test.ts. */
describe('a synchronous invocation', () => {
  it('uses the warm process again', async () => {
    const first = await invoke('reused');
    const second = await invoke('reused');
    expect([first.body.calls, second.body.calls]).toEqual([1, 2]);
    expect(second.body.pid).toBe(first.body.pid);
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
    const file = () => readFile(join(aws.folder, 'steady.log'), 'utf8');
    await expect.poll(file, { timeout: 60_000 }).toContain('line 1\nline 2\n');
  });

  it('gives the process the memory of its function', async () => {
    const megabytes = (await invoke('steady', { do: 'memory' })).body / 1024 / 1024;
    expect(megabytes).toBeGreaterThan(120);
    expect(megabytes).toBeLessThan(250);
  });
});

it('A function that is not there is told with those that are', async () => {
  await expect(invoke('nobody')).rejects.toThrow(/Function not found: nobody; there are: steady, events/);
});

describe('an asynchronous invocation', () => {
  it('is dropped with a line after two retries', async () => {
    const file = join(aws.folder, 'three-marks');
    await invoke('events', { do: 'mark', file, succeedAt: 99 }, later);
    const dropped = expect.stringMatching(/^events: event .*not yet.*; dropped after 2 retries$/);
    await vi.waitFor(() => expect(aws.lines).toContainEqual(dropped), 60_000);
  });
});
