import { randomUUID } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, type InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, vi } from 'vitest';
import { fixtureFunction, startTestAws } from '../local/aws/local-aws.ts';
import { type Adapter, type Cases, casesOf, contract } from './contract.ts';

/**
 * Lambda's Invoke API with functions of the handler in test/local/aws/handlers: `steady` (one at a time), `hurried`
 * (time limit of five seconds), `single` and `double` (reserved concurrency), `events` (its failed events come again soon).
 */
interface LambdaUnderTest {
  readonly client: LambdaClient;
  /** A file that functions may write, and nothing else does. */
  file(): string;
}

const answerBytes = 6_291_556;
const requestBytes = 6_291_456;
const eventBytes = 1_048_576;
const later = { InvocationType: 'Event' } as const;

async function invoke(
  { client }: LambdaUnderTest,
  name: string,
  event: object,
  input: Partial<InvokeCommandInput> = {},
) {
  const Payload = JSON.stringify(event);
  const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload, ...input }));
  const text = answer.Payload?.transformToString() ?? '';
  return { ...answer, body: text === '' ? null : JSON.parse(text) };
}

/** An event of so many bytes, whose answer is short. */
function eventOf(bytes: number): object {
  const event = { do: 'sleep', ms: 0, text: '' };
  return { ...event, text: 'x'.repeat(bytes - JSON.stringify(event).length) };
}

const marks = async (file: string) => (await readFile(file, 'utf8').catch(() => '')).trim().split('\n').filter(Boolean);
const untilMarks = (file: string, count: number) =>
  vi.waitFor(async () => expect(await marks(file)).toHaveLength(count), 60_000);

const synchronous: Cases<LambdaUnderTest> = {
  'answers what the handler returned, under the id that the handler was told': async (port) => {
    const { StatusCode, FunctionError, ExecutedVersion, $metadata, body } = await invoke(port, 'steady', {
      a: [1, 'é'],
    });
    expect({ StatusCode, FunctionError, ExecutedVersion }).toEqual({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(body).toMatchObject({ event: { a: [1, 'é'] }, functionName: 'steady', requestId: $metadata.requestId });
  },
  'tells the handler how much of its time is left, and a trace': async (port) => {
    const { body } = await invoke(port, 'steady', {});
    expect(body.remaining).toBeGreaterThan(10_000);
    expect(body.remaining).toBeLessThanOrEqual(20_000);
    expect(body.traceId).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]/);
  },
  'finds a function by its ARN and with a qualifier': async (port) => {
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:steady';
    expect((await invoke(port, arn, {})).body.functionName).toBe('steady');
    expect((await invoke(port, 'steady', {}, { Qualifier: '$LATEST' })).body.functionName).toBe('steady');
  },
  'takes no payload for an empty event': async (port) => {
    expect((await invoke(port, 'steady', {}, { Payload: undefined })).body.event).toEqual({});
  },
  'only checks on a dry run': async (port) => {
    expect(await invoke(port, 'steady', {}, { InvocationType: 'DryRun' })).toMatchObject({
      StatusCode: 204,
      body: null,
    });
  },
  'does not try again what failed': async (port) => {
    const file = port.file();
    expect(await invoke(port, 'steady', { do: 'mark', file, succeedAt: 99 })).toMatchObject({
      FunctionError: 'Unhandled',
    });
    await sleep(500);
    expect(await marks(file)).toHaveLength(1);
  },
  'ends a function at its time limit, and the next invocation works': async (port) => {
    const { StatusCode, FunctionError, body } = await invoke(port, 'hurried', { do: 'sleep', ms: 60_000 });
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(body).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/Task timed out after 5.00 seconds$/),
    });
    expect((await invoke(port, 'hurried', {})).FunctionError).toBeUndefined();
  },
  'keeps the stack of the handler’s error': async (port) => {
    const { body } = await invoke(port, 'steady', { do: 'throw' });
    expect(body.trace[0]).toBe('PipelineError: no such country');
    expect(body.trace.length).toBeGreaterThan(1);
  },
};

type Failure = readonly [what: string, event: object, error: Readonly<Record<string, string | RegExp>>];
const failures = casesOf<Failure, LambdaUnderTest>(
  (what) => `says with status 200 and a header that the function failed by ${what}, and works the next time`,
  [
    ['an error', { do: 'throw' }, { errorType: 'PipelineError', errorMessage: 'no such country' }],
    ['a text', { do: 'throwText' }, { errorType: 'string', errorMessage: 'just text' }],
    ['an exit', { do: 'exit' }, { errorType: 'Runtime.ExitError', errorMessage: /exit status 3$/ }],
    ['a late exception', { do: 'uncaught' }, { errorType: 'RangeError', errorMessage: 'thrown after a turn' }],
    ['an answer over 6 MB', { do: 'large', bytes: answerBytes - 1 }, { errorType: 'Function.ResponseSizeTooLarge' }],
  ],
  async (port, [, event, error]) => {
    const failed = await invoke(port, 'steady', event);
    expect(failed).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    for (const [name, expected] of Object.entries(error)) expect(failed.body[name]).toMatch(expected);
    expect((await invoke(port, 'steady', {})).FunctionError).toBeUndefined();
  },
);

const limits: Cases<LambdaUnderTest> = {
  'brings back an answer of 6 MB': async (port) => {
    expect((await invoke(port, 'steady', { do: 'large', bytes: answerBytes - 2 })).body).toHaveLength(answerBytes - 2);
  },
  'takes a payload of 6 MB': async (port) => {
    expect((await invoke(port, 'steady', eventOf(requestBytes))).FunctionError).toBeUndefined();
  },
  'takes an event of 1 MB': async (port) => {
    expect((await invoke(port, 'steady', eventOf(eventBytes), later)).StatusCode).toBe(202);
  },
  'refuses one invocation more than its concurrency, with the reason': async (port) => {
    const file = port.file();
    const first = invoke(port, 'single', { do: 'meet', file, count: 2 });
    await untilMarks(file, 1);
    await expect(invoke(port, 'single', {})).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    });
    await appendFile(file, 'go on\n');
    expect((await first).FunctionError).toBeUndefined();
  },
  'runs as many at a time as its concurrency, in a process each': async (port) => {
    const file = port.file();
    const [a, b] = await Promise.all([1, 2].map(() => invoke(port, 'double', { do: 'meet', file, count: 2 })));
    expect([a?.FunctionError, b?.FunctionError]).toEqual([undefined, undefined]);
    expect(a?.body.pid).not.toBe(b?.body.pid);
  },
};

type Refusal = readonly [what: string, name: string, input: Partial<InvokeCommandInput>, error: string, status: number];
const refusals = casesOf<Refusal, LambdaUnderTest>(
  (what) => `refuses ${what}`,
  [
    ['a function that is not there', 'nobody', {}, 'ResourceNotFoundException', 404],
    ['an event for a function that is not there', 'nobody', later, 'ResourceNotFoundException', 404],
    ['a payload that is not JSON', 'steady', { Payload: '{"half":' }, 'InvalidRequestContentException', 400],
    [
      'a payload of 6 MB and a byte',
      'steady',
      { Payload: JSON.stringify(eventOf(requestBytes + 1)) },
      'RequestTooLargeException',
      413,
    ],
    [
      'an event of 1 MB and a byte',
      'steady',
      { ...later, Payload: JSON.stringify(eventOf(eventBytes + 1)) },
      'RequestTooLargeException',
      413,
    ],
  ],
  async (port, [, name, input, error, httpStatusCode]) => {
    await expect(invoke(port, name, {}, input)).rejects.toMatchObject({ name: error, $metadata: { httpStatusCode } });
  },
);

const asynchronous: Cases<LambdaUnderTest> = {
  'accepts an event at once, answers nothing, and runs it': async (port) => {
    const file = port.file();
    const accepted = await invoke(port, 'events', { do: 'mark', file, succeedAt: 1 }, later);
    expect(accepted).toMatchObject({ StatusCode: 202, body: null });
    expect(accepted.FunctionError).toBeUndefined();
    await untilMarks(file, 1);
  },
  'tries an event again until it succeeds, and then no more': async (port) => {
    const file = port.file();
    await invoke(port, 'events', { do: 'mark', file, succeedAt: 2 }, later);
    await untilMarks(file, 2);
    await sleep(500);
    expect(await marks(file)).toHaveLength(2);
  },
  'tries a failing event twice more, and then no more': async (port) => {
    const file = port.file();
    await invoke(port, 'events', { do: 'mark', file, succeedAt: 99 }, later);
    await untilMarks(file, 3);
    await sleep(500);
    expect(await marks(file)).toHaveLength(3);
  },
  'keeps events waiting for a free process, instead of refusing them': async (port) => {
    const file = port.file();
    for (let n = 0; n < 5; n += 1) await invoke(port, 'events', { do: 'mark', file, succeedAt: 1 }, later);
    await untilMarks(file, 5);
  },
};

const local: Adapter<LambdaUnderTest> = {
  name: 'Lambda Invoke, at the local endpoint',
  open: async () => {
    const aws = await startTestAws({
      functions: [
        fixtureFunction('steady'),
        fixtureFunction('events'),
        fixtureFunction('hurried', { timeoutSeconds: 5 }),
        fixtureFunction('single'),
        fixtureFunction('double', { concurrency: 2 }),
      ],
    });
    // One attempt: an SDK client would repeat a 429 by itself.
    const client = new LambdaClient({ ...aws.client, maxAttempts: 1 });
    const close = async () => {
      client.destroy();
      await aws.stop();
    };
    return { port: { client, file: () => join(aws.folder, randomUUID()) }, close };
  },
};

contract({ ...synchronous, ...failures, ...limits, ...refusals, ...asynchronous }, [local]);
