import http from 'node:http';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentials, fixtureFunction, type RunningAws, startTestAws } from './local-aws.ts';

let aws: RunningAws;

beforeAll(async () => {
  aws = await startTestAws({
    functions: [fixtureFunction('steady')],
    secrets: new Map([['millrace/postgres', '{"host":"127.0.0.1"}']]),
  });
});

afterAll(() => aws.stop());

const secret = (SecretId: string, client: object = aws.client) =>
  new SecretsManagerClient({ ...aws.client, ...client, maxAttempts: 1 }).send(new GetSecretValueCommand({ SecretId }));

describe('Secrets Manager', () => {
  it('gives a secret by name and by ARN', async () => {
    const { SecretString, ARN, Name, VersionStages } = await secret('millrace/postgres');
    expect({ SecretString, Name, VersionStages }).toEqual({
      SecretString: '{"host":"127.0.0.1"}',
      Name: 'millrace/postgres',
      VersionStages: ['AWSCURRENT'],
    });
    expect((await secret(ARN ?? '')).SecretString).toBe(SecretString);
  });

  it('says which secrets there are when it has not the one asked for', async () => {
    await expect(secret('millrace/kafak')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: /no secret "millrace\/kafak" here; there are: millrace\/postgres/,
    });
  });
});

describe('a request is refused', () => {
  it.each([
    ['another access key', { ...credentials, accessKeyId: 'AKIAOTHER' }, 'UnrecognizedClientException'],
    ['another secret key', { ...credentials, secretAccessKey: 'guessed' }, 'InvalidSignatureException'],
  ])('with %s', async (_, given, name) => {
    await expect(secret('millrace/postgres', { credentials: given })).rejects.toMatchObject({ name });
  });

  it('when it was signed an hour ago', async () => {
    const systemClockOffset = -3_600_000;
    await expect(secret('millrace/postgres', { systemClockOffset })).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      message: /within 5 minutes/,
    });
  });

  it('when its body was changed after signing', async () => {
    const lambda = new LambdaClient({ ...aws.client, maxAttempts: 1 });
    lambda.middlewareStack.add(
      (next) => (args) => {
        (args.request as { body: unknown }).body = Buffer.from('[]');
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low', name: 'tamper' },
    );
    const sent = lambda.send(new InvokeCommand({ FunctionName: 'steady', Payload: '{}' }));
    await expect(sent).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  it.each([
    ['without a signature', {}, 'MissingAuthenticationTokenException'],
    ['by a page in a browser', { origin: 'https://example.org' }, 'AccessDeniedException'],
    ['by a name that was made to resolve to loopback', { host: 'rebound.example.org' }, 'AccessDeniedException'],
  ])('%s', async (_, headers, name) => {
    expect(await post('/2015-03-31/functions/steady/invocations', headers)).toEqual({ status: 403, type: name });
  });

  it('when it comes to the Runtime API without the token of a process', async () => {
    const path = '/runtime/0123/2018-06-01/runtime/invocation/1/response';
    expect(await post(path)).toEqual({ status: 403, type: 'AccessDeniedException' });
  });
});

it('listens on loopback only', () => {
  expect(aws.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

function post(path: string, headers: Record<string, string> = {}): Promise<{ status?: number; type?: unknown }> {
  return new Promise((resolve, reject) => {
    const request = http.request(aws.url + path, { method: 'POST', headers }, (answer) => {
      answer
        .resume()
        .on('end', () => resolve({ status: answer.statusCode ?? 0, type: answer.headers['x-amzn-errortype'] }));
    });
    request.on('error', reject).end('{}');
  });
}
