import { generateAuthTokenFromCredentialsProvider } from 'aws-msk-iam-sasl-signer-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { keyspacesAnswer, keyspacesGreeting, mskToken, rdsToken } from '../../../../functions/adapters/aws/sigv4.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const sessionToken = 'a session/token+==';
const now = new Date('2026-11-24T17:00:30.123Z');

afterEach(() => {
  vi.useRealTimers();
});

const queryOf = (url: string) => Object.fromEntries(new URL(url).searchParams);
const decoded = (token: string) => Buffer.from(token, 'base64url').toString();

describe('a token for MSK', () => {
  it.each([
    ['a person’s keys', credentials],
    ['keys of a role, with a session token', { ...credentials, sessionToken }],
  ])('of %s says what the signer of AWS says at the same moment', async (_whose, keys) => {
    vi.useFakeTimers({ now, toFake: ['Date'] });
    const theirs = await generateAuthTokenFromCredentialsProvider({
      region: 'eu-west-1',
      awsCredentialsProvider: async () => keys,
    });
    const [ours, expected] = [mskToken({ region: 'eu-west-1', credentials: keys }), theirs.token].map(decoded);
    const agents = { 'User-Agent': expect.any(String) };
    expect(new URL(ours ?? '').origin).toBe(new URL(expected ?? '').origin);
    expect({ ...queryOf(ours ?? ''), ...agents }).toEqual({ ...queryOf(expected ?? ''), ...agents });
  });

  it('is these very bytes', () => {
    const url = decoded(mskToken({ region: 'us-east-1', credentials: { ...credentials, sessionToken } }, now));
    expect(url).toBe(
      'https://kafka.us-east-1.amazonaws.com/?Action=kafka-cluster%3AConnect&X-Amz-Algorithm=AWS4-HMAC-SHA256' +
        '&X-Amz-Credential=AKIDEXAMPLE%2F20261124%2Fus-east-1%2Fkafka-cluster%2Faws4_request' +
        '&X-Amz-Date=20261124T170030Z&X-Amz-Expires=900&X-Amz-Security-Token=a%20session%2Ftoken%2B%3D%3D' +
        '&X-Amz-SignedHeaders=host' +
        '&X-Amz-Signature=31defe460adbb8087f9f4e7dd23ada28bad216bad01a6e2eabb3fc4222895b92&User-Agent=millrace',
    );
  });

  it('needs no padding, which SASL would not take', () => {
    expect(mskToken({ region: 'eu-west-1', credentials }, now)).toMatch(/^[\w-]+$/);
  });
});

/** As @smithy/signature-v4, which AWS's own signer for RDS is made of, signs them. */
describe('a token for RDS', () => {
  const address = { host: 'millrace.abc.eu-west-1.rds.amazonaws.com', port: 5432, user: 'millrace_relay' };

  it.each([
    ['a person’s keys', undefined, '41e8def8abd4d0a42d5742b75b8c2ca3d710f424594ff1dde2a774cc84fce13a'],
    [
      'keys of a role, with a session token',
      sessionToken,
      '2de0460815f4f19ac9c311e59a3fcf556a32625eac1811d574d9a7670dbea85c',
    ],
  ])('of %s is these very bytes', (_whose, token, signature) => {
    const found = rdsToken(address, { region: 'eu-west-1', credentials: { ...credentials, sessionToken: token } }, now);
    const security = token === undefined ? '' : '&X-Amz-Security-Token=a%20session%2Ftoken%2B%3D%3D';
    expect(found).toBe(
      'millrace.abc.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=millrace_relay' +
        '&X-Amz-Algorithm=AWS4-HMAC-SHA256' +
        '&X-Amz-Credential=AKIDEXAMPLE%2F20261124%2Feu-west-1%2Frds-db%2Faws4_request' +
        `&X-Amz-Date=20261124T170030Z&X-Amz-Expires=900${security}&X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}`,
    );
  });
});

/** The moment, nonce and signature are those that AWS publishes with its own plugins. */
describe('Keyspaces', () => {
  const keys = { accessKeyId: 'UserID-1', secretAccessKey: 'UserSecretKey-1' };
  const challenge = Buffer.from('nonce=91703fdc2ef562e19fbdab0f58e42fe5');
  const at = new Date(1_591_742_511_000);
  const signed =
    'signature=7f3691c18a81b8ce7457699effbfae5b09b4e0714ab38c1292dbdf082c9ddd87,' +
    'access_key=UserID-1,amzdate=2020-06-09T22:41:51.000Z';

  it('is greeted by the name of the method', () => {
    expect(keyspacesGreeting.toString('latin1')).toBe('SigV4\0\0');
  });

  it.each([
    ['a person’s keys', keys, signed],
    [
      'keys of a role, with a session token',
      { ...keys, sessionToken: 'sess-token-1' },
      `${signed},session_token=sess-token-1`,
    ],
  ])('is answered with %s by these very bytes', (_whose, credentials, expected) => {
    expect(keyspacesAnswer(challenge, { region: 'us-west-2', credentials }, at).toString()).toBe(expected);
  });

  it('may say more in its challenge than the nonce', () => {
    const longer = Buffer.from('realm=x,nonce=91703fdc2ef562e19fbdab0f58e42fe5,algorithm=y');
    expect(keyspacesAnswer(longer, { region: 'us-west-2', credentials: keys }, at).toString()).toBe(signed);
  });

  it('is not answered when it asks for something else', () => {
    expect(() => keyspacesAnswer(Buffer.from('who?'), { region: 'us-west-2', credentials: keys })).toThrow(
      'expected a challenge with nonce=, got 4 bytes',
    );
  });
});
