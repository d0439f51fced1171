import { createHash, createHmac } from 'node:crypto';

/** Whoever signs. On Lambda these change within the life of a process: they are asked for at every signing. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Who signs, where. */
export interface Signer {
  readonly region: string;
  readonly credentials: AwsCredentials;
}

const lifeSeconds = 900;

/**
 * Password of SASL/OAUTHBEARER at MSK:
 *
 *   token = base64url("https://kafka." region ".amazonaws.com/?" query "&User-Agent=" agent)
 *   query = presigned, Action=kafka-cluster:Connect        ; the user agent is added unsigned
 */
export function mskToken(signer: Signer, now = new Date()): string {
  const host = `kafka.${signer.region}.amazonaws.com`;
  const query = presigned({ service: 'kafka-cluster', host, query: { Action: 'kafka-cluster:Connect' } }, signer, now);
  return Buffer.from(`https://${host}/?${query}&User-Agent=millrace`).toString('base64url');
}

/**
 * Password of PostgreSQL on RDS:
 *
 *   token = host ":" port "/?" query
 *   query = presigned, Action=connect, DBUser=user         ; the port belongs to the signed host
 */
export function rdsToken(
  { host, port, user }: { readonly host: string; readonly port: number; readonly user: string },
  signer: Signer,
  now = new Date(),
): string {
  const address = `${host}:${port}`;
  const query = presigned(
    { service: 'rds-db', host: address, query: { Action: 'connect', DBUser: user } },
    signer,
    now,
  );
  return `${address}/?${query}`;
}

/** What a client of Keyspaces says first: that it speaks SigV4. */
export const keyspacesGreeting = Buffer.from('SigV4\0\0');

/**
 * Answer to the challenge of Keyspaces:
 *
 *   challenge = *text "nonce=" nonce *("," text)
 *   answer    = "signature=" hex ",access_key=" id ",amzdate=" time [",session_token=" token]
 *   time      = ISO 8601 with milliseconds                 ; here alone
 *
 * Signed is PUT /authenticate of the host `cassandra`, with the nonce as its body.
 */
export function keyspacesAnswer(challenge: Buffer, { region, credentials }: Signer, now = new Date()): Buffer {
  const nonce = /nonce=([^,]+)/.exec(challenge.toString())?.[1];
  if (nonce === undefined)
    throw new Error(`Keyspaces: expected a challenge with nonce=, got ${challenge.length} bytes`);
  const time = now.toISOString();
  const scope = scopeOf(now, region, 'cassandra');
  const query = queryText({
    'X-Amz-Algorithm': algorithm,
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(lifeSeconds),
  });
  const request = ['PUT', '/authenticate', query, 'host:cassandra', '', 'host', sha256(nonce)].join('\n');
  const fields = [
    `signature=${signatureOf(request, time, scope, credentials)}`,
    `access_key=${credentials.accessKeyId}`,
    `amzdate=${time}`,
    ...(credentials.sessionToken === undefined ? [] : [`session_token=${credentials.sessionToken}`]),
  ];
  return Buffer.from(fields.join(','));
}

interface Presigned {
  readonly service: string;
  readonly host: string;
  readonly query: Readonly<Record<string, string>>;
}

/** The query of a GET of `/` that holds its own signature (Signature Version 4, in the query). */
function presigned({ service, host, query }: Presigned, { region, credentials }: Signer, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const scope = scopeOf(now, region, service);
  const text = queryText({
    ...query,
    'X-Amz-Algorithm': algorithm,
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(lifeSeconds),
    ...(credentials.sessionToken === undefined ? {} : { 'X-Amz-Security-Token': credentials.sessionToken }),
    'X-Amz-SignedHeaders': 'host',
  });
  const request = ['GET', '/', text, `host:${host}`, '', 'host', sha256('')].join('\n');
  return `${text}&X-Amz-Signature=${signatureOf(request, time, scope, credentials)}`;
}

const algorithm = 'AWS4-HMAC-SHA256';

const scopeOf = (now: Date, region: string, service: string) =>
  [now.toISOString().slice(0, 10).replaceAll('-', ''), region, service, 'aws4_request'].join('/');

function signatureOf(request: string, time: string, scope: string, { secretAccessKey }: AwsCredentials): string {
  const key = scope
    .split('/')
    .reduce<Buffer>((outer, part) => hmac(outer, part), Buffer.from(`AWS4${secretAccessKey}`));
  return hmac(key, [algorithm, time, scope, sha256(request)].join('\n')).toString('hex');
}

/** Sorted by name, as it is signed. */
const queryText = (query: Readonly<Record<string, string>>) =>
  Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');

const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
