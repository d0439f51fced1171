import http from 'node:http';
import { EMRServerlessClient, GetJobRunCommand } from '@aws-sdk/client-emr-serverless';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentials, fixtureFunction, type RunningAws, startTestAws } from './local-aws.ts';

let aws: RunningAws;

beforeAll(async () => {
  aws = await startTestAws({
    functions: [
      fixtureFunction('steady'),
      {
        ...fixtureFunction('guarded'),
        mayCall: [
          'secretsmanager:GetSecretValue millrace/postgres',
          'lambda:InvokeFunction steady',
          'emr-serverless:GetJobRun local',
        ],
      },
    ],
    secrets: new Map([
      ['millrace/postgres', '{"host":"127.0.0.1"}'],
      ['millrace/kafka', '{}'],
    ]),
  });
});

afterAll(() => aws.stop());

let guarded: { credentials: typeof credentials };
beforeAll(async () => {
  guarded = { credentials: await keyOf('guarded') };
});

/** The key pair that only a function's processes are told. */
async function keyOf(name: string): Promise<typeof credentials> {
  const { Payload } = await new LambdaClient(aws.client).send(
    new InvokeCommand({ FunctionName: name, Payload: '{"do":"environment"}' }),
  );
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = JSON.parse(Buffer.from(Payload ?? []).toString());
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
}

const invoke = (FunctionName: string) =>
  new LambdaClient({ ...aws.client, ...guarded, maxAttempts: 1 }).send(new InvokeCommand({ FunctionName }));

const jobRun = (applicationId: string) =>
  new EMRServerlessClient({ ...aws.client, ...guarded, maxAttempts: 1 }).send(
    new GetJobRunCommand({ applicationId, jobRunId: 'none' }),
  );

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
      message: expect.stringMatching(
        /no secret "millrace\/kafak" here; there are: millrace\/postgres, millrace\/kafka/,
      ),
    });
  });
});

describe("a function's own key", () => {
  it.each([
    ['reads a secret of its own', () => secret('millrace/postgres', guarded), undefined],
    [
      'reads it by its ARN',
      () => secret('arn:aws:secretsmanager:us-east-1:0:secret:millrace/postgres', guarded),
      undefined,
    ],
    ["reads nobody else's secret", () => secret('millrace/kafka', guarded), 'AccessDeniedException'],
    ['learns of no secret that it may not read', () => secret('millrace/none', guarded), 'AccessDeniedException'],
    ['calls a function that it wakes', () => invoke('steady'), undefined],
    ['calls it by its ARN', () => invoke('arn:aws:lambda:us-east-1:000000000000:function:steady:$LATEST'), undefined],
    ['calls no other function', () => invoke('guarded'), 'AccessDeniedException'],
    ['makes a call of EMR Serverless that it was given', () => jobRun('local'), 'ResourceNotFoundException'],
    ['makes none of another application', () => jobRun('another'), 'AccessDeniedException'],
  ] as [string, () => Promise<unknown>, string | undefined][])('%s', async (_, call, refusal) => {
    const outcome = await call().then(
      () => undefined,
      ({ name }: Error) => name,
    );
    expect(outcome).toBe(refusal);
  });

  it('may call nothing when nothing was said', async () => {
    const credentials = await keyOf('steady');
    await expect(secret('millrace/postgres', { credentials })).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /not authorized to perform secretsmanager:GetSecretValue millrace\/postgres; this key may: nothing/,
      ),
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
      message: expect.stringMatching(/within 5 minutes/),
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
