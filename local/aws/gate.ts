import type { HttpBindings } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';
import { AwsError } from './aws-error.ts';
import { type AwsCredentials, verifySignature } from './signature.ts';

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

/** Lets a request pass when it is signed with the credentials of this data folder. */
export function onlySigned(credentials: AwsCredentials): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (context, next) => {
    verifySignature(
      {
        method: context.req.method,
        target: context.env.incoming.url ?? '/',
        header: (name) => context.req.header(name),
        body: new Uint8Array(await context.req.arrayBuffer()),
      },
      credentials,
      new Date(),
    );
    await next();
  };
}
