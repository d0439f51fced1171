import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCredentials } from '../../../local/credentials.ts';
import { openDataFolder } from '../../../local/data-folder.ts';
import { portsFrom } from '../../../local/ports.ts';
import { cassandraYaml } from '../../../local/services/cassandra-config.ts';
import { kafkaProperties } from '../../../local/services/kafka.ts';
import { platformServices } from '../../../local/services/platform.ts';
import { postgresSettings } from '../../../local/services/postgres.ts';
import { sparkProperties } from '../../../local/start/secrets.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'millrace-services-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = openDataFolder(path.join(root, 'a folder'));
const credentials = loadCredentials(folder.credentials);
const ports = portsFrom(19_100);
const lib = path.join(root, 'lib');
const spark = { home: '/s', python: '/p', jars: [] };
const installed = { kafka: lib, cassandra: lib, cassandraAgent: '/jamm.jar', registry: '/r.jar', spark };
const services = platformServices(
  { folder, ports, listen: '127.0.0.1', credentials, installed, java: 'java' },
  { bin: '/pg', home: root },
);

const kafka = kafkaProperties({ ports, credentials, listen: '127.0.0.1' }, '/data');
const cassandra = cassandraYaml(ports, '/data');

describe('The servers', () => {
  it('come in the order of the path', () => {
    expect(services.map(({ name }) => name)).toEqual(['postgres', 'kafka', 'registry', 'cassandra']);
  });

  it.each(services)('$name has no secret on its command line or in its environment', ({ args, env }) => {
    const shown = [...args, ...Object.values(env)].join(' ');
    const secrets = JSON.stringify(credentials).match(/[\w-]{43}/g) ?? [];
    expect(secrets.length).toBeGreaterThan(20);
    expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
  });

  it.each(services)('$name runs in UTC', ({ args, env, command }) => {
    expect(env['TZ']).toBe('UTC');
    expect(args).toContain(command === 'java' ? '-Duser.timezone=UTC' : 'timezone=UTC');
  });

  it('listen on loopback only', () => {
    const texts = [kafka, cassandra, JSON.stringify(services.map(({ args, env }) => [args, env]))].join('\n');
    expect(texts).not.toMatch(/0\.0\.0\.0|\[::\]|localhost/);
    expect(kafka).toContain('listeners=SASL_PLAINTEXT://127.0.0.1:19101,CONTROLLER://127.0.0.1:19102\n');
    expect(cassandra).toContain('rpc_address: 127.0.0.1\n');
    expect(cassandra).toContain('listen_address: 127.0.0.1\n');
    expect(postgresSettings(1, '/hba')).toMatchObject({ listen_addresses: '127.0.0.1', unix_socket_directories: '' });
  });
});

describe('What a crash must not lose', () => {
  it.each([
    ['PostgreSQL syncs', postgresSettings(1, '/hba')['fsync'], 'on'],
    ['PostgreSQL waits for it', postgresSettings(1, '/hba')['synchronous_commit'], 'on'],
    ['Cassandra syncs by time', /^commitlog_sync: (\w+)$/m.exec(cassandra)?.[1], 'periodic'],
    ['the registry writes at once', services[2]?.env['REGISTRY_DATASOURCE_URL']?.split(';')[1], 'WRITE_DELAY=0'],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});

describe('What Cassandra may lose', () => {
  it('lies within the time that the Spark job waits: one and a half periods, after which it lets no write through', () => {
    const periodMs = Number(/^commitlog_sync_period: (\d+)ms$/m.exec(cassandra)?.[1]);
    expect(Number(sparkProperties(ports, credentials)['spark.millrace.tables.lag.ms'])).toBeGreaterThan(periodMs * 1.5);
  });
});

describe('Nobody gets in without a password', () => {
  it('Kafka asks on both listeners', () => {
    expect(kafka).toContain('listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT\n');
    expect(kafka).not.toContain('ANONYMOUS');
    expect(kafka).toContain('authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n');
  });

  it('Kafka has one user who may do everything, the broker itself', () => {
    expect(kafka).toContain('super.users=User:admin\n');
  });

  it('Cassandra asks', () => {
    expect(cassandra).toContain('authenticator: PasswordAuthenticator\nauthorizer: CassandraAuthorizer\n');
  });
});
