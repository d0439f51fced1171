import { describe, expect, it } from 'vitest';
import { steps } from '../../../functions/steps.ts';
import type { Credentials } from '../../../local/credentials.ts';
import type { DataFolder } from '../../../local/data-folder.ts';
import { portsFrom } from '../../../local/ports.ts';
import { functionsOf } from '../../../local/start/functions.ts';
import { secretsOf, sparkProperties } from '../../../local/start/secrets.ts';

const folder = { data: (name: string) => `/data/${name}` } as DataFolder;
const ports = portsFrom(19_100);
const login = (user: string) => ({ user, password: `password-of-${user}` });
const credentials: Credentials = {
  postgres: { superuser: login('postgres'), millrace: login('millrace') },
  kafka: { admin: login('admin'), millrace: login('millrace') },
  cassandra: { admin: login('admin'), millrace: login('millrace'), reader: login('reader') },
  aws: { accessKeyId: 'LOCAL', secretAccessKey: 'secret' },
};

describe('The functions of this machine', () => {
  const functions = functionsOf({ folder, ports, bundles: '/bundles', source: 'sample' });

  it('are the steps of the table that AWS reads, with the same limits', () => {
    const limits = functions.map(({ name, timeoutSeconds, memoryMb, concurrency }) => ({
      name,
      timeoutSeconds,
      memoryMb,
      concurrency,
    }));
    expect(limits).toEqual(
      steps.map(({ name, timeoutSeconds, memoryMb, concurrency }) => ({
        name: `millrace-${name}`,
        timeoutSeconds,
        memoryMb,
        concurrency,
      })),
    );
  });

  it('learn addresses from their environment, never a password', () => {
    for (const { environment } of functions) {
      expect(environment['SOURCE']).toBe('sample');
      expect(JSON.stringify(environment)).not.toMatch(/password|secret/i);
    }
  });

  it('get a job version that follows the job and the manifest', () => {
    expect(functions[0]?.environment['JOB_VERSION']).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe('The secrets of this machine', () => {
  it('hold an address and a login each, of the role that is not the administrator', () => {
    const secrets = [...secretsOf(ports, credentials)].map(([name, text]) => [name, JSON.parse(text)]);
    expect(Object.fromEntries(secrets)).toEqual({
      'millrace/postgres': { host: '127.0.0.1', port: 19_100, database: 'millrace', ...login('millrace') },
      'millrace/kafka': { brokers: ['127.0.0.1:19101'], ...login('millrace') },
      'millrace/cassandra': { host: '127.0.0.1', port: 19_104, datacenter: 'datacenter1', ...login('millrace') },
    });
  });

  it('reach the job as properties', () => {
    expect(sparkProperties(ports, credentials)).toMatchObject({
      'spark.millrace.kafka.bootstrap.servers': '127.0.0.1:19101',
      'spark.millrace.kafka.sasl.jaas.config': expect.stringContaining('password="password-of-millrace"'),
      'spark.cassandra.auth.password': 'password-of-millrace',
    });
  });
});
