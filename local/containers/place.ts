import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Credentials } from '../credentials.ts';
import { type DataFolder, openDataFolder } from '../data-folder.ts';
import type { Installed } from '../install/install.ts';
import type { PostgresHost } from '../install/postgres-host.ts';
import { defaultPortBase, type Ports, portsFrom } from '../ports.ts';
import type { Setting } from '../services/setting.ts';

/** Whom compose.yaml lets each of these run as, as `uid:gid`; what is theirs alone belongs to them. */
export const users = {
  postgres: '999:999',
  kafka: '1000:1000',
  registry: '1001:1001',
  cassandra: '999:999',
  'spark-master': '185:185',
  'spark-worker': '185:185',
  airflow: '50000:0',
  'kafka-ui': '100:101',
} as const;

/** Those that keep data, each in a volume of its own. */
export const keepers = ['postgres', 'kafka', 'registry', 'cassandra', 'airflow'] as const;

const root = '/millrace';

/** The data folder as containers see it. A server cannot make the folder that its volume is: it keeps its own below. */
export function folderInContainers(): DataFolder {
  const folder = openDataFolder(root);
  const isKeeper = (name: string) => (keepers as readonly string[]).includes(name);
  return { ...folder, data: (name) => path.join(root, 'data', name, ...(isKeeper(name) ? ['kept'] : [])) };
}

/** Where the images have their programs. */
const installed: Installed = {
  kafka: '/opt/kafka/libs',
  cassandra: '/opt/cassandra/lib',
  cassandraAgent: '/opt/cassandra/lib/jamm-0.4.0.jar',
  registry: 'started by its own image',
  spark: {
    home: '/opt/stream/lib/python3.11/site-packages/pyspark',
    python: '/opt/stream/bin/python',
    jars: jarsIn('/opt/spark-jars/lib'),
  },
};

function jarsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).sort();
  return names.map((name) => path.join(folder, name));
}

export const postgresInContainers: PostgresHost = { bin: '', home: path.join(root, 'data', 'postgres') };

export function settingInContainers(folder: DataFolder, ports: Ports, credentials: Credentials): Setting {
  return { folder, ports, listen: '0.0.0.0', credentials, installed, java: 'java' };
}

/** The same inside and outside, so that an address is true on both sides. */
export function portsOf(env: NodeJS.ProcessEnv): Ports {
  return portsFrom(Number(env['MILLRACE_PORT_BASE'] ?? defaultPortBase));
}
