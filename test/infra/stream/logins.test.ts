import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { artifactsOf } from '../../../infra/stream/artifacts.ts';
import { sparkAsOnAws, submit } from './spark-as-on-aws.ts';

interface Answers {
  readonly kafka: Readonly<Record<string, string>>;
  readonly auth: readonly string[];
  readonly authClass: string;
  readonly tls: string;
  readonly retry: string;
  readonly balancing: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly drivers: readonly string[];
  readonly concurrent: readonly number[];
}

describe('Spark with the jars, the settings and the profile of AWS', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-logins-'));
  let answers: Answers;

  beforeAll(async () => {
    const here = await sparkAsOnAws(folder);
    const printed = await submit(here, {
      master: 'local[1]',
      brokers: '127.0.0.1:1',
      entry: path.join(import.meta.dirname, 'logins.py'),
      env: {
        // The modules come out of their archive; main.py is the entry elsewhere.
        PYTHONPATH: path.dirname(path.join(folder, artifactsOf('us-east-1').entry)),
        AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'a secret of this test',
        AWS_SESSION_TOKEN: 'a-token',
      },
    });
    answers = JSON.parse(printed.slice(printed.lastIndexOf('\n') + 1));
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('makes a Kafka client that logs in by IAM', () => {
    expect(answers.kafka).toEqual({
      'bootstrap.servers': '127.0.0.1:1',
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'AWS_MSK_IAM',
      'sasl.jaas.config': 'software.amazon.msk.auth.iam.IAMLoginModule required;',
      'sasl.client.callback.handler.class': 'software.amazon.msk.auth.iam.IAMClientCallbackHandler',
    });
  });

  it('signs in to Keyspaces, with the one SDK that the login of MSK brings', () => {
    expect(answers.authClass).toBe('software.aws.mcs.auth.SigV4AuthProvider');
    expect(answers.auth).toEqual([
      'SigV4\0\0',
      expect.stringMatching(/^signature=[0-9a-f]{64},access_key=AKIAEXAMPLE,amzdate=.*Z,session_token=a-token$/),
    ]);
  });

  it('has one driver of Cassandra', () => {
    expect(answers.drivers).toEqual(['java-driver-core-shaded-4.18.1.jar']);
  });

  it('finds the certificates where Spark has brought them, and opens them', () => {
    expect(answers.tls).toMatch(/DefaultSslEngineFactory$/);
    expect(answers.settings['truststore']).toMatch(/^\/.*\/truststore\.jks$/);
  });

  it('reads the profile as it was meant', () => {
    expect(answers.settings).toMatchObject({
      contactPoints: ['cassandra.us-east-1.amazonaws.com:9142'],
      datacenter: 'us-east-1',
      consistency: 'LOCAL_QUORUM',
      idempotent: true,
      heartbeatMs: 2000,
      connections: 3,
      prepareOnAllNodes: false,
      reconnectOnInit: true,
      hostnames: false,
    });
    expect(answers.retry).toBe('com.datastax.spark.connector.cql.MultipleRetryPolicy');
    expect(answers.balancing).toMatch(/DefaultLoadBalancingPolicy$/);
  });

  it('writes no more batches at once than the stage lets it, and fewer where a table says so', () => {
    expect(answers.concurrent).toEqual([3, 8]);
  });
});
