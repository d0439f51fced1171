import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { airflowConfig, airflowFiles } from '../../../local/airflow/config.ts';
import { loadAirflowSecrets } from '../../../local/airflow/secrets.ts';
import { configurationOf } from '../../../local/containers/configuration.ts';
import { settingInContainers, users } from '../../../local/containers/place.ts';
import { loadContainerSecrets } from '../../../local/containers/secrets.ts';
import { loadCredentials } from '../../../local/credentials.ts';
import { type DataFolder, openDataFolder } from '../../../local/data-folder.ts';
import { portsFrom } from '../../../local/ports.ts';
import type { Files } from '../../../local/services/made.ts';
import { platformServices } from '../../../local/services/platform.ts';
import type { Setting } from '../../../local/services/setting.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'millrace-containers-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ports = portsFrom(19_100);
const here = openDataFolder(path.join(root, 'here'));
const credentials = loadCredentials(here.credentials);
const secrets = {
  airflow: loadAirflowSecrets(path.join(root, 'airflow.json')),
  containers: loadContainerSecrets(path.join(root, 'containers.json')),
};
const there: DataFolder = {
  ...here,
  root: '/millrace',
  platform: '/millrace/platform.json',
  data: (name) => `/millrace/data/${name}/kept`,
  config: (name) => `/millrace/config/${name}`,
};
const setting = settingInContainers(there, ports, credentials);
const written = configurationOf(setting, secrets);
const fileOf = (name: keyof typeof users, file: string) =>
  written.get(name)?.[`/millrace/config/${name}/${file}`] ?? '';

const spark = { home: '/s', python: '/p', jars: [] };
const installed = { kafka: '/k', cassandra: '/c', cassandraAgent: '/c/jamm-0.4.0.jar', registry: '/r.jar', spark };
const native: Setting = { folder: here, ports, listen: '127.0.0.1', credentials, installed, java: '/j/bin/java' };
const nativeServers = platformServices(native, { bin: '/pg/bin', home: here.data('postgres') });

/** Where things lie here and there, under one name. */
const places: readonly (readonly [here: string, there: string, name: string])[] = [
  // Among what Airflow may write.
  [`${here.config('airflow')}/passwords.json`, `${there.data('airflow')}/passwords.json`, '<passwords of airflow>'],
  ...['kafka', 'cassandra', 'airflow'].map((name) => [here.data(name), there.data(name), `<data of ${name}>`] as const),
  [here.data('postgres'), '/millrace/data/postgres', '<data of postgres>'],
  ...['kafka', 'cassandra', 'airflow'].map(
    (name) => [here.config(name), there.config(name), `<config of ${name}>`] as const,
  ),
  ['/k/*', '/opt/kafka/libs/*', '<jars of kafka>'],
  ['/c/jamm-0.4.0.jar', '/opt/cassandra/lib/jamm-0.4.0.jar', '<agent>'],
  ['/c/*', '/opt/cassandra/lib/*', '<jars of cassandra>'],
];

/** A text without what may differ: where programs and files lie, and where published servers listen. */
function bare(text: string): string {
  const named = places.reduce((so, [one, other, name]) => so.replaceAll(one, name).replaceAll(other, name), text);
  return named.replaceAll('0.0.0.0', '127.0.0.1');
}

const byName = (files: Files) =>
  Object.fromEntries(Object.entries(files).map(([file, text]) => [path.basename(file), text]));

describe('Configuration in containers', () => {
  it.each([
    ['kafka', 'server.properties'],
    ['kafka', 'log4j2.properties'],
    ['kafka', 'reader.properties'],
    ['cassandra', 'cassandra.yaml'],
    ['cassandra', 'logback.xml'],
  ] as const)("is the native runner's but for addresses, ports and paths: %s, %s", (name, file) => {
    const server = nativeServers.find((one) => one.name === name);
    const text = byName(server?.made.files ?? {})[file] ?? '';
    expect(text.length).toBeGreaterThan(50);
    expect(bare(fileOf(name, file))).toBe(bare(text));
  });

  it("is the native runner's for Airflow too", () => {
    const text = airflowConfig(native, secrets.airflow, airflowFiles(here));
    expect(bare(fileOf('airflow', 'airflow.cfg'))).toBe(bare(text));
  });

  it.each(nativeServers.filter(({ name }) => name !== 'registry'))(
    'starts $name by the same words',
    ({ name, args, command }) => {
      const line =
        fileOf(name as keyof typeof users, 'run.sh')
          .trimEnd()
          .split('\n')
          .at(-1) ?? '';
      const words = line.replaceAll(/'([^']*)'/g, '$1').split(' ');
      expect(words.slice(0, 2)).toEqual(['exec', path.basename(command)]);
      expect(words.slice(2).map(bare)).toEqual(args.map(bare));
    },
  );

  it('lets only published servers listen beyond the loopback of their network', () => {
    expect(fileOf('kafka', 'server.properties')).toContain(
      'listeners=SASL_PLAINTEXT://0.0.0.0:19101,CONTROLLER://127.0.0.1:19102\n',
    );
    expect(fileOf('kafka', 'server.properties')).toContain('advertised.listeners=SASL_PLAINTEXT://127.0.0.1:19101\n');
    expect(fileOf('cassandra', 'cassandra.yaml')).toContain('\nlisten_address: 127.0.0.1\n');
    expect(fileOf('cassandra', 'cassandra.yaml')).toContain(
      '\nrpc_address: 0.0.0.0\nbroadcast_rpc_address: 127.0.0.1\n',
    );
  });

  it.each([...written.keys()])('has a secret of others in no file of %s', (name) => {
    const allowed = JSON.stringify(name in credentials ? credentials[name as 'kafka'] : {}) + JSON.stringify(secrets);
    const reader = credentials.kafka.reader.password;
    const text = Object.values(written.get(name) ?? {}).join('\n');
    const others = (JSON.stringify(credentials).match(/[\w-]{43}/g) ?? []).filter(
      (secret) => !allowed.includes(secret) && !(name === 'kafka-ui' && secret === reader),
    );
    expect(others.length).toBeGreaterThan(10);
    expect(others.filter((secret) => text.includes(secret))).toEqual([]);
  });

  it('is for everybody who has a user, and for the runner', () => {
    expect([...written.keys()].sort()).toEqual([...Object.keys(users), 'millrace'].sort());
  });
});
