import { createServer } from 'node:http';
import { type SignedRequest, verifySignature } from '../../../local/aws/signature.ts';
import { listening } from './listening.ts';

/** A request that an SDK client sent: what it asked for, and as whom. */
export interface Recorded {
  /** Service that it was signed for. */
  readonly service: string;
  readonly region: string;
  /** Such as `AWSGlue.GetSchemaByDefinition`, or method and path. */
  readonly action: string;
  /** Whether the signature is that of these very credentials, session token included. */
  readonly signed: boolean;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly body: string;
  readonly type?: string;
}

/** Every service of AWS in one: it keeps each request and answers as the test says; what it does not know it forbids. */
export async function startRecordedAws(credentials: {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}) {
  const requests: Recorded[] = [];
  const answers: [action: string, answer: Answer][] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const header = (name: string) => request.headers[name]?.toString();
    const signed = { method: request.method ?? '', target: request.url ?? '', header, body: Buffer.concat(chunks) };
    const recorded = recordedOf(signed, credentials);
    requests.push(recorded);
    const found = answers.find(([action]) => recorded.action.startsWith(action))?.[1];
    const { status = 200, body, type = 'application/x-amz-json-1.1' } = found ?? forbidden;
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  const { port, stop } = await listening(server);
  const answer = (action: string, given: Answer) => void answers.unshift([action, given]);
  const forget = () => {
    requests.splice(0);
    answers.splice(0);
  };
  return { url: `http://127.0.0.1:${port}`, stop, requests, answer, forget };
}

const forbidden: Answer = {
  status: 403,
  body: '{"__type": "AccessDeniedException", "message": "forbidden by this test"}',
};

function recordedOf(
  request: SignedRequest,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string },
): Recorded {
  const [, , region = '', service = ''] =
    /Credential=([^,]+)/.exec(request.header('authorization') ?? '')?.[1]?.split('/') ?? [];
  const action = request.header('x-amz-target') ?? `${request.method} ${request.target}`;
  return {
    service,
    region,
    action,
    signed: isSigned(request, credentials),
    body: Buffer.from(request.body).toString(),
  };
}

function isSigned(
  request: SignedRequest,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string },
): boolean {
  if (request.header('x-amz-security-token') !== credentials.sessionToken) return false;
  if (!/SignedHeaders=[^,]*x-amz-security-token/.test(request.header('authorization') ?? '')) return false;
  try {
    verifySignature(request, [credentials], new Date());
    return true;
  } catch {
    return false;
  }
}
