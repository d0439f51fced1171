import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An answer that the SDK clients turn into an exception of the same name as on AWS. */
export class AwsError extends Error {
  override readonly name: string;
  readonly status: ContentfulStatusCode;
  readonly details: Readonly<Record<string, string>>;

  constructor(name: string, status: ContentfulStatusCode, message: string, details: Record<string, string> = {}) {
    super(message);
    this.name = name;
    this.status = status;
    this.details = details;
  }
}

/** Says the error both ways: REST clients read the header, JSON 1.1 clients read `__type`. */
export function answerError(context: Context, error: Error): Response {
  const known = error instanceof AwsError ? error : new AwsError('InternalFailure', 500, error.message);
  context.header('x-amzn-errortype', known.name);
  return context.json({ __type: known.name, message: known.message, ...known.details }, known.status);
}
