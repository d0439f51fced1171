import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from './aws-error.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as they were sent. */
  readonly target: string;
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
}

/** As on AWS: an older or newer request is refused, so a recorded one is soon worthless. */
const maxSkewMs = 5 * 60_000;

/** Throws unless the request carries a valid Signature Version 4 of one of these credentials; answers whose. */
export function verifySignature<C extends AwsCredentials>(request: SignedRequest, known: readonly C[], now: Date): C {
  const authorization = parseAuthorization(request.header('authorization'));
  const [accessKeyId, ...scope] = authorization.credential.split('/');
  const credentials = known.find((each) => each.accessKeyId === accessKeyId);
  if (credentials === undefined) {
    throw refused(
      'UnrecognizedClientException',
      `expected an access key of this data folder, got ${accessKeyId || 'none'}`,
    );
  }
  const signedAt = request.header('x-amz-date') ?? '';
  if (!(Math.abs(now.getTime() - parseAmzDate(signedAt)) <= maxSkewMs)) {
    throw refused(
      'InvalidSignatureException',
      `expected x-amz-date within 5 minutes of ${now.toISOString()}, got ${signedAt || 'none'}`,
    );
  }
  const text = [
    'AWS4-HMAC-SHA256',
    signedAt,
    scope.join('/'),
    sha256(canonicalRequest(request, authorization.headers)),
  ];
  const expected = hmac(signingKey(credentials.secretAccessKey, scope), text.join('\n')).toString('hex');
  if (!sameText(expected, authorization.signature)) {
    throw refused('InvalidSignatureException', 'the signature does not match this request and the secret access key');
  }
  return credentials;
}

function parseAuthorization(header = ''): { credential: string; headers: string[]; signature: string } {
  const match = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(header);
  const [, credential, headers, signature] = match ?? [];
  if (!credential || !headers?.split(';').includes('host') || !signature) {
    throw refused(
      'MissingAuthenticationTokenException',
      'expected an AWS4-HMAC-SHA256 Authorization header that signs host',
    );
  }
  return { credential, headers: headers.split(';'), signature };
}

function canonicalRequest({ method, target, header, body }: SignedRequest, signed: string[]): string {
  const [path = '/', query = ''] = target.split('?');
  return [
    method,
    // The path is encoded a second time: every service but S3 asks for that.
    path.split('/').map(encode).join('/'),
    canonicalQuery(query),
    ...signed.map((name) => `${name}:${(header(name) ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    signed.join(';'),
    sha256(body),
  ].join('\n');
}

function canonicalQuery(query: string): string {
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return pairs.sort().join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function signingKey(secret: string, scope: string[]): Buffer {
  return scope.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
}

function parseAmzDate(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
const refused = (name: string, message: string) => new AwsError(name, 403, message);
