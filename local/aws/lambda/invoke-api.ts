import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { AwsError } from '../aws-error.ts';
import { functionNameOf } from '../call.ts';
import type { LambdaFunction, LambdaService } from './service.ts';

/** AWS's limits on what an invocation carries. */
export const maxRequestBytes = 6 * 1024 * 1024;
const maxEventBytes = 1024 * 1024;

/** Lambda's Invoke API, for unchanged SDK clients. A qualifier is ignored: there is one version. */
export function invokeApi(service: LambdaService): Hono {
  const api = new Hono();
  api.post('/2015-03-31/functions/:name/invocations', async (context) => {
    const called = findFunction(service, context.req.param('name'));
    const payload = readPayload(new Uint8Array(await context.req.arrayBuffer()));
    const type = context.req.header('x-amz-invocation-type') ?? 'RequestResponse';
    if (type === 'RequestResponse') return invokeNow(context, called, payload);
    if (type === 'Event') return invokeLater(context, called, payload);
    if (type === 'DryRun') return context.body(null, 204);
    throw new AwsError(
      'InvalidParameterValueException',
      400,
      `InvocationType: expected RequestResponse, Event or DryRun, got ${type}`,
    );
  });
  return api;
}

function findFunction(service: LambdaService, given: string): LambdaFunction {
  const found = service.find(functionNameOf(given));
  if (found !== undefined) return found;
  throw new AwsError(
    'ResourceNotFoundException',
    404,
    `Function not found: ${given}; there are: ${service.names.join(', ')}`,
    { Type: 'User' },
  );
}

/** An empty body is an empty event, as on AWS. */
function readPayload(body: Uint8Array): Uint8Array {
  const payload = body.byteLength === 0 ? Buffer.from('{}') : body;
  try {
    JSON.parse(Buffer.from(payload).toString());
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      400,
      `Could not parse request body into json: ${(error as Error).message}`,
      { Type: 'User' },
    );
  }
  return payload;
}

async function invokeNow(context: Context, { pool }: LambdaFunction, payload: Uint8Array): Promise<Response> {
  if (!pool.free) {
    throw new AwsError('TooManyRequestsException', 429, 'Rate Exceeded.', {
      Type: 'User',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    });
  }
  const requestId = randomUUID();
  const { failed, payload: answer, logTail } = await pool.run(requestId, payload);
  context.header('x-amzn-requestid', requestId);
  context.header('x-amz-executed-version', '$LATEST');
  if (failed) context.header('x-amz-function-error', 'Unhandled');
  if (context.req.header('x-amz-log-type') === 'Tail') context.header('x-amz-log-result', logTail.toString('base64'));
  return context.body(new Uint8Array(answer), 200, { 'content-type': 'application/json' });
}

function invokeLater(context: Context, { events }: LambdaFunction, payload: Uint8Array): Response {
  if (payload.byteLength > maxEventBytes)
    throw tooLarge(payload.byteLength, maxEventBytes, 'an asynchronous invocation');
  const requestId = randomUUID();
  events.add(requestId, payload);
  context.header('x-amzn-requestid', requestId);
  return context.body(null, 202);
}

/** What a caller is told whose payload is over the limit. */
export function tooLarge(got: number | string, limit: number, what: string): AwsError {
  return new AwsError('RequestTooLargeException', 413, `expected at most ${limit} bytes for ${what}, got ${got}`, {
    Type: 'User',
  });
}
