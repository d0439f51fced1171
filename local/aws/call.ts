import type { SignedRequest } from './signature.ts';

const invoke = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const application = /^\/applications\/([^/]+)(\/stop|\/jobruns(\/[^/]+)?)?$/;
const emrOperations: Readonly<Record<string, string>> = {
  'GET ': 'GetApplication',
  'POST /stop': 'StopApplication',
  'POST /jobruns': 'StartJobRun',
  'GET /jobruns': 'ListJobRuns',
  'GET /jobruns/:run': 'GetJobRun',
  'DELETE /jobruns/:run': 'CancelJobRun',
};

/** What a request asks for, as a policy names it: `service:Operation resource`. Names stand for their ARNs. */
export function callOf({ method, target, header, body }: SignedRequest): string {
  const path = decodeURIComponent(target.split('?')[0] ?? '');
  const [, name] = invoke.exec(path) ?? [];
  if (name !== undefined) return `lambda:InvokeFunction ${functionNameOf(name)}`;
  const [matched, id, jobRuns = '', run] = application.exec(path) ?? [];
  if (matched !== undefined) {
    const operation = emrOperations[`${method} ${run === undefined ? jobRuns : '/jobruns/:run'}`];
    return `emr-serverless:${operation ?? method} ${id}`;
  }
  const secret = header('x-amz-target') === 'secretsmanager.GetSecretValue' && secretIdIn(body);
  return secret ? `secretsmanager:GetSecretValue ${secretNameOf(secret)}` : `${method} ${path}`;
}

/** A function by its name or its ARN, with or without a qualifier. */
export const functionNameOf = (given: string) =>
  given.replace(/^arn:aws:lambda:[^:]*:\d*:function:/, '').replace(/:[^:]*$/, '');

/** A secret by its name or its ARN. */
export const secretNameOf = (given: string) => given.replace(/^arn:aws:secretsmanager:[^:]*:\d*:secret:/, '');

function secretIdIn(body: Uint8Array): string | undefined {
  try {
    const { SecretId } = JSON.parse(Buffer.from(body).toString()) as { SecretId?: unknown };
    return typeof SecretId === 'string' ? SecretId : undefined;
  } catch {
    return undefined; // No JSON names no secret; the endpoint says so to those who may ask.
  }
}
