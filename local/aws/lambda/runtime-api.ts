import { Hono } from 'hono';
import { AwsError } from '../aws-error.ts';
import type { Sandbox } from './sandbox.ts';
import type { LambdaService } from './service.ts';

/**
 * Lambda's Runtime API, for our bootstrap. Each process has an address of its own, under a token that only it was told:
 * that stands for the network namespace that keeps sandboxes apart on AWS.
 */
export function runtimeApi(service: LambdaService): Hono {
  const api = new Hono<{ Variables: { sandbox: Sandbox } }>().basePath('/runtime/:token/2018-06-01/runtime');
  api.use(async (context, next) => {
    const sandbox = service.sandbox(context.req.param('token') ?? '');
    if (sandbox === undefined) throw new AwsError('AccessDeniedException', 403, 'no process has this runtime address');
    context.set('sandbox', sandbox);
    await next();
  });
  api.get('/invocation/next', async (context) => {
    const { requestId, payload, deadlineMs } = await context.get('sandbox').next();
    return context.body(new Uint8Array(payload), 200, {
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(deadlineMs),
      'lambda-runtime-trace-id': traceId(requestId),
      'lambda-runtime-invoked-function-arn': context.get('sandbox').arn,
    });
  });
  api.post('/invocation/:id/:kind{response|error}', async (context) => {
    const payload = new Uint8Array(await context.req.arrayBuffer());
    context.get('sandbox').answer(context.req.param('id'), { failed: context.req.param('kind') === 'error', payload });
    return context.json({ status: 'OK' }, 202);
  });
  api.post('/init/error', async (context) => {
    context.get('sandbox').fail(new Uint8Array(await context.req.arrayBuffer()));
    return context.json({ status: 'OK' }, 202);
  });
  return api as unknown as Hono;
}

/** X-Ray's form of a trace id; not sampled, since nothing collects it here. */
function traceId(requestId: string): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${requestId.replaceAll('-', '').slice(0, 24)};Parent=${requestId.slice(0, 8).repeat(2)};Sampled=0`;
}
