import { describe, expect, it } from 'vitest';
import { rolesOn, type Server, userOf } from '../../../functions/roles.ts';
import { steps } from '../../../functions/steps.ts';
import type { Credentials } from '../../../local/credentials.ts';
import type { DataFolder } from '../../../local/data-folder.ts';
import { portsFrom } from '../../../local/ports.ts';
import { airflowMayCall, functionsOf } from '../../../local/start/functions.ts';
import { secretsOf, sparkProperties } from '../../../local/start/secrets.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';

const folder = { data: (name: string) => `/data/${name}` } as DataFolder;
const ports = portsFrom(19_100);
const login = (user: string) => ({ user, password: `password-of-${user}` });
const loginsOn = (server: Server) => Object.fromEntries(rolesOn(server).map((role) => [role, login(userOf(role))]));
const credentials = {
  postgres: { superuser: login('postgres'), ...loginsOn('postgres') },
  kafka: { admin: login('admin'), ...loginsOn('kafka') },
  cassandra: { admin: login('admin'), ...loginsOn('cassandra') },
  aws: { accessKeyId: 'LOCAL', secretAccessKey: 'secret' },
} as Credentials;

describe('The functions of this machine', () => {
  const functions = functionsOf({ folder, ports, bundles: '/bundles', source: 'sample' });

  it('are the steps of the table that AWS reads, with the same limits; what is called per pipeline has room for each', () => {
    const limits = functions.map(({ name, timeoutSeconds, memoryMb, concurrency }) => ({
      name,
      timeoutSeconds,
      memoryMb,
      concurrency,
    }));
    expect(limits).toEqual(
      steps.map(({ name, timeoutSeconds, memoryMb, concurrency, per }) => ({
        name: `millrace-${name}`,
        timeoutSeconds,
        memoryMb,
        concurrency: concurrency * (per === 'pipeline' ? pipelines.length : 1),
      })),
    );
  });

  it('may be called by Airflow, but for prepare, which a deployment calls', () => {
    const called = airflowMayCall.filter((call) => call.startsWith('lambda:'));
    const names = functions.map(({ name }) => name).filter((name) => name !== 'millrace-prepare');
    expect(called).toEqual(names.map((name) => `lambda:InvokeFunction ${name}`));
    expect(airflowMayCall.slice(called.length)).toEqual(
      ['GetApplication', 'ListJobRuns', 'GetJobRun'].map((call) => `emr-serverless:${call} local`),
    );
  });

  it('learn addresses from their environment, never a password', () => {
    for (const { environment } of functions) {
      expect(environment['SOURCE']).toBe('sample');
      expect(JSON.stringify(environment)).not.toMatch(/password-of|accessKey/i);
    }
  });

  it.each([
    ['extract', ['secretsmanager:GetSecretValue millrace/extract/postgres', 'lambda:InvokeFunction millrace-relay']],
    [
      'relay',
      [
        'secretsmanager:GetSecretValue millrace/relay/postgres',
        'secretsmanager:GetSecretValue millrace/relay/kafka',
        'lambda:InvokeFunction millrace-relay',
      ],
    ],
    ['settle', ['secretsmanager:GetSecretValue millrace/settle/postgres', 'lambda:InvokeFunction millrace-extract']],
    ['redrive', ['secretsmanager:GetSecretValue millrace/redrive/postgres', 'lambda:InvokeFunction millrace-relay']],
    ['retain', ['secretsmanager:GetSecretValue millrace/retain/postgres']],
    [
      'supervise',
      [
        'secretsmanager:GetSecretValue millrace/supervise/postgres',
        'secretsmanager:GetSecretValue millrace/supervise/kafka',
        'emr-serverless:StartJobRun local',
        'emr-serverless:GetJobRun local',
        'emr-serverless:CancelJobRun local',
      ],
    ],
  ])('%s may ask AWS for its own secrets and for what its work needs', (step, calls) => {
    expect(functions.find(({ name }) => name === `millrace-${step}`)?.mayCall).toEqual(calls);
  });

  it('get a job version that follows the job and the manifest', () => {
    expect(functions[0]?.environment['JOB_VERSION']).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe('The secrets of this machine', () => {
  const secrets = new Map([...secretsOf(ports, credentials)].map(([name, text]) => [name, JSON.parse(text)]));

  it('hold an address and a login each, of the one step that reads it', () => {
    expect(secrets.get('millrace/relay/postgres')).toEqual({
      host: '127.0.0.1',
      port: 19_100,
      database: 'millrace',
      ...login('millrace_relay'),
    });
    expect(secrets.get('millrace/audit/kafka')).toEqual({ brokers: ['127.0.0.1:19101'], ...login('millrace_audit') });
    expect(secrets.get('millrace/prepare/cassandra')).toEqual({
      host: '127.0.0.1',
      port: 19_104,
      datacenter: 'datacenter1',
      ...login('millrace_prepare'),
    });
  });

  it('never hold the login of an administrator, of the job or of the person who looks', () => {
    const { 'millrace/prepare/passwords': passwords, ...others } = Object.fromEntries(secrets);
    expect(JSON.stringify(others)).not.toMatch(/password-of-(postgres|admin|millrace_stream|millrace_reader)/);
    expect(Object.keys(passwords)).toEqual(
      rolesOn('postgres')
        .map(userOf)
        .filter((user) => user !== 'millrace_prepare'),
    );
  });

  it('reach the job as properties', () => {
    expect(sparkProperties(ports, credentials)).toMatchObject({
      'spark.millrace.kafka.bootstrap.servers': '127.0.0.1:19101',
      'spark.millrace.kafka.sasl.jaas.config': expect.stringContaining('password="password-of-millrace_stream"'),
      'spark.cassandra.auth.password': 'password-of-millrace_stream',
    });
  });
});
