import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Stage, stageClient } from '../../local/stage-client.ts';
import { type PlayedAccount, PlayedAws, usualAccount } from '../infra/commands/played-aws.ts';

const dev: Stage = { stage: 'dev', region: 'us-east-1' };
let aws: PlayedAws;

beforeAll(async () => {
  aws = await PlayedAws.start();
});
beforeEach(() => {
  for (const [name, value] of Object.entries(aws.environment())) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => aws.stop());

/** One call of a step, in an account that is as usual but for this. */
async function call<Answer>(account: Partial<PlayedAccount> = {}, on = dev, waitMs?: number): Promise<Answer> {
  aws.played = { ...usualAccount, ...account };
  aws.asked.splice(0);
  const steps = stageClient(on, waitMs);
  try {
    return await steps.call<Answer>('inspect', { question: 'status' });
  } finally {
    steps.close();
  }
}

describe('A step of a stage', () => {
  it('answers, once it is known to be of this stage', async () => {
    const invoke: PlayedAccount['invoke'] = (functionName, event) => ({ functionName, event });
    expect(await call({ invoke })).toEqual({ functionName: 'millrace-inspect', event: { question: 'status' } });
    expect(aws.asked).toEqual(['lambda/configuration', 'lambda/invocations']);
  });

  it('is asked for its stage once', async () => {
    aws.played = usualAccount;
    aws.asked.splice(0);
    const steps = stageClient(dev);
    await Promise.all([steps.call('inspect', {}), steps.call('redrive', {})]);
    steps.close();
    expect(aws.asked.filter((asked) => asked === 'lambda/configuration')).toHaveLength(1);
  });

  it('may answer as much as Lambda lets it', async () => {
    const text = 'x'.repeat(6 * 1024 * 1024 - 100);
    expect(await call<{ text: string }>({ invoke: () => ({ text }) })).toEqual({ text });
  });

  it.each([
    ['what it could not do', { errorType: 'under_way', errorMessage: 'expected none under way' }, 'under_way'],
    [
      'that it ran out of time',
      { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 300.00 seconds' },
      'Sandbox.Timedout',
    ],
    [
      'that its answer is too long',
      { errorType: 'Function.ResponseSizeTooLarge', errorMessage: 'Response payload size exceeded' },
      'Function.ResponseSizeTooLarge',
    ],
  ])('says %s', async (_, thrown, code) => {
    await expect(call({ invoke: () => thrown })).rejects.toMatchObject({
      name: 'StepFailure',
      code,
      message: `inspect: ${thrown.errorMessage}`,
    });
  });

  it('that has no function free is put off, and is not asked twice', async () => {
    const lambda = { status: 429, error: 'TooManyRequestsException', says: 'Rate Exceeded.' };
    await expect(call({ lambda })).rejects.toMatchObject({ name: 'StepFailure', code: 'backpressure' });
    expect(aws.asked).toEqual(['lambda/configuration', 'lambda/invocations']);
  });

  it.each<[string, Partial<PlayedAccount>, RegExp]>([
    [
      'is not deployed',
      { stage: null },
      /--stage dev: expected its functions in us-east-1, got none; deploy it \(npm run deploy -- --stage dev\)/,
    ],
    [
      'is another stage',
      { stage: 'prod' },
      /expected stage dev in us-east-1 of this account, got prod; nothing was called/,
    ],
    [
      'is asked by nobody who may',
      { lambda: { status: 403, error: 'AccessDeniedException' } },
      /expected a user who may lambda:InvokeFunction/,
    ],
    [
      'is asked with keys that have expired',
      { lambda: { status: 403, error: 'ExpiredTokenException' } },
      /got expired ones; log in again/,
    ],
    [
      'is asked with keys that AWS does not know',
      { lambda: { status: 403, error: 'UnrecognizedClientException' } },
      /credentials that AWS knows/,
    ],
    [
      'is asked with a wrong secret',
      { lambda: { status: 403, error: 'InvalidSignatureException' } },
      /a signature that AWS accepts/,
    ],
    ['is told too much', { lambda: { status: 413, error: 'RequestTooLargeException' } }, /an event of at most 6 MB/],
  ])('that %s says what to do', async (_, account, message) => {
    await expect(call(account)).rejects.toThrow(message);
    if ('stage' in account) expect(aws.asked).toEqual(['lambda/configuration']);
  });

  it('is not asked without credentials', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    await expect(call()).rejects.toThrow(/expected credentials of AWS, got none; set AWS_PROFILE/);
    expect(aws.asked).toEqual([]);
  });

  it('that nobody can reach says so', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', 'http://127.0.0.1:1');
    await expect(call()).rejects.toThrow(/expected AWS in us-east-1 to be reachable, got ECONNREFUSED/);
  });

  it('that never answers is given up', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    await expect(call({}, dev, 300)).rejects.toThrow(/expected an answer, got none in time/);
    silent.closeAllConnections();
    silent.close();
  });
});
