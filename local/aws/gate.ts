import type { HttpBindings } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';
import { AwsError } from './aws-error.ts';
import { callOf } from './call.ts';
import { type AwsCredentials, verifySignature } from './signature.ts';

/** Somebody who signs requests. */
export interface Caller extends AwsCredentials {
  /** Calls as `service:Operation resource`; none of the others. Without this it may call everything. */
  readonly mayCall?: readonly string[];
}

const loopbackHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** A page in a browser can reach loopback too: it is told by its Origin, or by a name that it made resolve to us. */
export const onlyLocalPrograms: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host') ?? '';
  if (!loopbackHost.test(host) || context.req.header('origin') !== undefined) {
    throw new AwsError(
      'AccessDeniedException',
      403,
      `expected a loopback Host header and no Origin header, got Host ${JSON.stringify(host)}`,
    );
  }
  await next();
};

/** Lets a request pass when it is signed with credentials of this data folder whose owner may make this call. */
export function onlySigned(callers: readonly Caller[]): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (context, next) => {
    const request = {
      method: context.req.method,
      target: context.env.incoming.url ?? '/',
      header: (name: string) => context.req.header(name),
      body: new Uint8Array(await context.req.arrayBuffer()),
    };
    const { mayCall } = verifySignature(request, callers, new Date());
    if (mayCall !== undefined) requireAllowed(mayCall, callOf(request));
    await next();
  };
}

function requireAllowed(mayCall: readonly string[], call: string): void {
  if (mayCall.includes(call)) return;
  const allowed = mayCall.join(', ') || 'nothing';
  throw new AwsError('AccessDeniedException', 403, `not authorized to perform ${call}; this key may: ${allowed}`);
}
