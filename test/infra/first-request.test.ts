import { execFileSync } from 'node:child_process';
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keyspacesAnswer } from '../../functions/adapters/aws/sigv4.ts';
import { type StepName, steps } from '../../functions/steps.ts';
import { type Cloud, call, credentials, region, requestedJobRun, startCloud } from './cloud/cloud-functions.ts';
import { nonce } from './cloud/fake-keyspaces.ts';

/** Every bundle with the environment of AWS: what it asks of whom first, and as whom. */

let cloud: Cloud;
/** The authorities of RDS as the bundles bring them. */
let shipped: string;

beforeAll(async () => {
  cloud = await startCloud();
  shipped = join(cloud.folder, 'shipped.pem');
  await copyFile(join(cloud.bundles, 'functions', 'settle', 'rds-ca.pem'), shipped);
});
afterAll(() => cloud?.stop());
beforeEach(() => {
  cloud.aws.forget();
  cloud.rds.forget();
  for (const list of [cloud.rds.logins, cloud.kafka.tokens, cloud.keyspaces.logins]) list.splice(0);
});

const names = steps.map(({ name }) => name);
const event: Readonly<Record<StepName, object>> = {
  prepare: {},
  extract: { pipeline: 'random-users', instant: '2026-11-24T17:00:00Z', records: 10 },
  relay: { pipeline: 'random-users' },
  audit: { records: { x: [{ topic: 'random-users.v1.audit', partition: 0, offset: 0, value: null }] } },
  supervise: {},
  settle: { pipeline: 'random-users', from: '2026-11-24T17:00:00Z', to: '2026-11-24T17:01:00Z' },
  reconcile: { pipeline: 'random-users' },
  redrive: { pipeline: 'random-users', filter: { reason: 'missing' }, who: 'somebody' },
  retain: {},
  notify: { pipeline: 'random-users', dag: 'settle-random-users', run: 'scheduled__2026-11-24T18:10:00+00:00' },
  erase: { pipeline: 'random-users', keys: ['00000000-0000-4000-8000-000000000000'] },
  rebuild: { pipeline: 'random-users', table: 'users', who: 'somebody' },
  inspect: { question: 'status' },
};

/** What a URL that is its own signature says. */
function presigned(url: string) {
  const { host, searchParams } = new URL(url);
  const [id, _day, ...scope] = (searchParams.get('X-Amz-Credential') ?? '').split('/');
  const said = (name: string) => searchParams.get(name);
  return { host, id, scope: scope.join('/'), token: said('X-Amz-Security-Token'), action: said('Action') };
}

const schemaVersion = {
  body: JSON.stringify({ SchemaVersionId: 'b1ad98e0-a4b2-4cf4-8b0c-5ba1c0d15a5f', Status: 'AVAILABLE' }),
};
const asRole = { id: credentials.accessKeyId, token: credentials.sessionToken };

describe.each(names)('The bundle of %s', (step) => {
  it('loads, and refuses an event that does not fit, without any network', () => {
    const script = `
      const net = require('node:net'), dns = require('node:dns');
      const touched = [];
      net.Socket.prototype.connect = function () { touched.push('connect'); throw new Error('network'); };
      dns.lookup = () => { touched.push('lookup'); throw new Error('network'); };
      const { handler } = require(${JSON.stringify(join(cloud.bundles, 'functions', step, 'index.cjs'))});
      handler('nonsense', { getRemainingTimeInMillis: () => 60_000 }).then(
        () => console.log('ANSWER taken'),
        // A moment later: what a bundle might do beside its answer.
        ({ name }) => setTimeout(() => console.log('ANSWER ' + JSON.stringify({ name, touched })), 200),
      );`;
    const output = execFileSync(process.execPath, ['-e', script], { env: cloud.environmentOf(step), encoding: 'utf8' });
    expect(/^ANSWER (.*)$/m.exec(output)?.[1]).toBe('{"name":"bad_request","touched":[]}');
  });

  it('answers an event that does not fit with a typed error', async () => {
    const { failed, answer } = await call(cloud, step, 'nonsense');
    expect({ failed, errorType: answer.errorType }).toEqual({ failed: true, errorType: 'bad_request' });
    expect(cloud.aws.requests).toEqual([]);
  });
});

describe('PostgreSQL', () => {
  it.each(names.filter((name) => name !== 'prepare'))(
    'is met by %s over TLS, with a token of IAM as its password',
    async (step) => {
      await cloud.trustRds(step);
      cloud.aws.answer('AWSGlue.GetSchemaByDefinition', schemaVersion);
      await call(cloud, step, event[step]);
      const [login] = cloud.rds.logins;
      expect(login).toMatchObject({ user: `millrace_${step}`, database: 'millrace' });
      expect(login?.options).toContain('tcp_keepalives_idle=30');
      expect(presigned(`https://${login?.password}`)).toMatchObject({
        host: `localhost:${cloud.rds.port}`,
        ...asRole,
        scope: `${region}/rds-db/aws4_request`,
        action: 'connect',
      });
    },
  );

  it('gets no password over a connection that the authorities of RDS have not signed', async () => {
    const authorities = (step: StepName) => join(cloud.bundles, 'functions', step, 'rds-ca.pem');
    await copyFile(shipped, authorities('settle'));
    const { answer } = await call(cloud, 'settle', event.settle);
    expect(answer).toMatchObject({
      errorType: 'landing_unavailable',
      errorMessage: expect.stringContaining('certificate'),
    });
    expect(cloud.rds.logins).toEqual([]);
  });
});

describe('Secrets Manager', () => {
  it('is asked by prepare for the secret of RDS, which opens the database', async () => {
    await cloud.trustRds('prepare');
    const SecretString = JSON.stringify({ username: 'millrace_prepare', password: 'rotated' });
    cloud.aws.answer('secretsmanager.GetSecretValue', { body: JSON.stringify({ SecretString }) });
    await call(cloud, 'prepare', event.prepare);
    expect(cloud.aws.requests[0]).toMatchObject({
      service: 'secretsmanager',
      region,
      action: 'secretsmanager.GetSecretValue',
      signed: true,
      body: JSON.stringify({ SecretId: 'arn:aws:secretsmanager:secret' }),
    });
    expect(cloud.rds.logins[0]).toMatchObject({ user: 'millrace_prepare', password: 'rotated' });
  });
});

describe('Glue', () => {
  it('is asked by relay for the id of its schema, by its text', async () => {
    const { answer } = await call(cloud, 'relay', event.relay);
    const [asked] = cloud.aws.requests;
    expect(asked).toMatchObject({ service: 'glue', region, action: 'AWSGlue.GetSchemaByDefinition', signed: true });
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({
      SchemaId: { RegistryName: 'millrace', SchemaName: 'random-users.v1-value' },
      SchemaDefinition: expect.stringContaining('RandomUsers'),
    });
    expect(answer.errorType).toBe('registry_unavailable');
  });
});

describe('MSK', () => {
  it.each<[StepName, () => void]>([
    [
      'relay',
      () => {
        cloud.aws.answer('AWSGlue.GetSchemaByDefinition', schemaVersion);
        cloud.rds.answer('for update nowait', { seq: 0, ends: [] });
        cloud.rds.answer('from landing where pipeline', { seq: 1, run: 'r', origin: 1, version: 1, payload: '{}' });
      },
    ],
    ['inspect', () => cloud.rds.answer('cross join lateral', { pipeline: 'random-users', prefixes: {} })],
  ])('is met by %s over TLS, with a token of IAM', async (step, given) => {
    await cloud.trustRds(step);
    given();
    const { answer } = await call(cloud, step, event[step]);
    const token = Buffer.from(cloud.kafka.tokens[0] ?? '', 'base64url').toString();
    expect(presigned(token)).toEqual({
      host: `kafka.${region}.amazonaws.com`,
      ...asRole,
      scope: `${region}/kafka-cluster/aws4_request`,
      action: 'kafka-cluster:Connect',
    });
    expect(answer.errorType).toBe('topic_unavailable');
  });
});

describe('Keyspaces', () => {
  it('is met by prepare over TLS, with an answer to its challenge', async () => {
    await cloud.trustRds('prepare');
    const SecretString = JSON.stringify({ username: 'millrace_prepare', password: 'rotated' });
    cloud.aws.answer('secretsmanager.GetSecretValue', { body: JSON.stringify({ SecretString }) });
    await givenMigrated();
    const { answer } = await call(cloud, 'prepare', event.prepare);
    const [login] = cloud.keyspaces.logins;
    expect(login?.greeting).toBe('SigV4\0\0');
    const at = new Date(/amzdate=([^,]+)/.exec(login?.answer ?? '')?.[1] ?? '');
    expect(login?.answer).toBe(keyspacesAnswer(Buffer.from(`nonce=${nonce}`), { region, credentials }, at).toString());
    expect(answer.errorType).toBe('table_unavailable');
  });

  it('is met by reconcile in the same way, when there are rows to compare', async () => {
    await cloud.trustRds('reconcile');
    cloud.rds.answer('order by lower(p.rows)', { run: 'r', from: 1, until: 2, rows: 1 });
    const key = { user_id: 'a', country: 'b', registered: 0 };
    cloud.rds.answer('"isDead"', { seq: 1, run: 'r', origin: 1, version: Date.now() * 1000, key, isDead: false });
    const { answer } = await call(cloud, 'reconcile', { ...event.reconcile, from: '2026-11-24T17:00:00Z', deep: true });
    expect(answer).toMatchObject({ errorType: 'table_unavailable' });
    const [login] = cloud.keyspaces.logins;
    expect(login?.greeting).toBe('SigV4\0\0');
    expect(login?.answer).toMatch(/^signature=\w+,access_key=ASIAROLE,amzdate=/);
  });

  async function givenMigrated() {
    const files = await readdir(join(cloud.bundles, 'functions', 'prepare', 'migrations'));
    cloud.rds.answer('SELECT name FROM', ...files.sort().map((file) => ({ name: file.replace('.sql', '') })));
    cloud.rds.answer('pg_advisory_lock', { pg_advisory_lock: '' });
    cloud.rds.answer('to_regclass', { missing: false });
  }
});

describe('S3', () => {
  it('is asked by supervise whether somebody holds the jobs', async () => {
    await cloud.trustRds('supervise');
    cloud.rds.answer('pg_try_advisory_xact_lock', { free: true });
    const { answer } = await call(cloud, 'supervise', event.supervise);
    expect(cloud.aws.requests[0]).toMatchObject({ service: 's3', region, signed: true });
    expect(cloud.aws.requests[0]?.action).toMatch(/^GET \/a-bucket\/?\?.*list-type=2.*prefix=control%2Fhold.json/);
    expect(answer.errorType).toBe('stream_unavailable');
  });
});

describe('EMR Serverless', () => {
  const common = {
    clientToken: 'millrace-dev-3',
    name: 'millrace-3',
    executionRoleArn: 'arn:aws:iam::123456789012:role/millrace-stream',
  };
  const driver = (...more: string[]) => ({
    sparkSubmit: {
      entryPoint: 's3://a-bucket/job/0123/main.py',
      entryPointArguments: [
        ...['--manifest', 's3://a-bucket/artifacts', '--generation', '3', '--offsets', '{"random-users":{"0":12}}'],
        ...['--checkpoints', 's3://a-bucket/checkpoints', ...more],
      ],
      sparkSubmitParameters: '--conf spark.executor.cores=1',
    },
  });

  it.each<[string, Record<string, string>, object]>([
    [
      'streaming',
      { JOB_TRIGGER: '10 seconds', JOB_LOGS: 's3://a-bucket/logs' },
      {
        mode: 'STREAMING',
        retryPolicy: { maxFailedAttemptsPerHour: 5 },
        jobDriver: driver('--mode', 'streaming', '--trigger', '10 seconds'),
        configurationOverrides: {
          monitoringConfiguration: { s3MonitoringConfiguration: { logUri: 's3://a-bucket/logs' } },
        },
      },
    ],
    [
      'available-now',
      {},
      { mode: 'BATCH', retryPolicy: { maxAttempts: 1 }, jobDriver: driver('--mode', 'available-now') },
    ],
  ])('is asked by supervise for a job that is %s', async (mode, changes, expected) => {
    const { request, body, answer } = await requestedJobRun(cloud, changes, mode);
    expect(request).toMatchObject({ region, signed: true, action: 'POST /applications/00application/jobruns' });
    expect(body).toEqual({ ...common, ...expected });
    expect(answer.errorType).toBe('stream_unavailable');
  });
});

describe('Lambda', () => {
  it('is asked by settle to run an instant that is open', async () => {
    await cloud.trustRds('settle');
    await call(cloud, 'settle', event.settle);
    expect(cloud.aws.requests[0]).toMatchObject({
      service: 'lambda',
      region,
      signed: true,
      action: 'POST /2015-03-31/functions/millrace-extract/invocations',
      body: '{"pipeline":"random-users","instant":"2026-11-24T17:00:00Z"}',
    });
  });
});
