import path from 'node:path';
import { auth, Client } from 'cassandra-driver';
import type { Credentials, Login } from '../credentials.ts';
import type { Ports } from '../ports.ts';
import { cassandraLogging, cassandraYaml, javaModules } from './cassandra-config.ts';
import { type Made, make, type Server } from './made.ts';
import { anyJvm, classPath, type Setting, serverEnv } from './setting.ts';

export const cassandraDatacenter = 'datacenter1';

/** Apache Cassandra, one node: the tables. */
export function cassandra({ folder, ports, listen, credentials, installed, java }: Setting): Server {
  const data = folder.data('cassandra');
  const config = (file: string) => path.join(folder.config('cassandra'), file);
  const made: Made = {
    files: {
      [config('cassandra.yaml')]: cassandraYaml(ports, data, listen),
      [config('logback.xml')]: cassandraLogging,
    },
    birth: { folder: data },
  };
  return {
    name: 'cassandra',
    dependsOn: [],
    command: java,
    args: [
      ...jvm(config, data),
      `-javaagent:${installed.cassandraAgent}`,
      '-cp',
      classPath(installed.cassandra),
      'org.apache.cassandra.service.CassandraDaemon',
    ],
    env: serverEnv,
    cwd: folder.config('cassandra'),
    logFile: folder.log('cassandra'),
    pidFile: folder.pid('cassandra'),
    // Replaying the log of a server that was killed takes its time.
    startSeconds: 180,
    stopSignal: 'SIGTERM',
    stopSeconds: 60,
    made,
    prepare: () => make(made),
    provision: () => provision(ports, credentials.cassandra),
    health: () => run(ports.cassandra, credentials.cassandra.prepare, ['SELECT host_id FROM system.local']),
  };
}

function jvm(config: (file: string) => string, data: string): readonly string[] {
  const properties = {
    'cassandra.config': `file://${config('cassandra.yaml')}`,
    'logback.configurationFile': `file://${config('logback.xml')}`,
    'cassandra.storagedir': data,
    'cassandra-foreground': 'yes',
    // One node: nobody to wait for.
    'cassandra.skip_wait_for_gossip_to_settle': 0,
    'cassandra.ring_delay_ms': 0,
    'cassandra.superuser_setup_delay_ms': 0,
    'jdk.attach.allowAttachSelf': true,
    'io.netty.tryReflectionSetAccessible': true,
  };
  const asFlags = Object.entries(properties).map(([key, value]) => `-D${key}=${value}`);
  return ['-Xms1g', '-Xmx1g', '-Xss512k', '-XX:+UseG1GC', ...anyJvm, ...javaModules, ...asFlags];
}

/**
 * Cassandra is born with a user whose password everybody knows: it makes our administrator, who then shuts it out.
 * Every statement may run again, so a start that died between them is mended by the next.
 */
async function provision({ cassandra: port }: Ports, { admin, ...logins }: Credentials['cassandra']): Promise<void> {
  const role = ({ user, password }: Login, more = '') =>
    `CREATE ROLE IF NOT EXISTS ${user} WITH PASSWORD = '${password}' AND LOGIN = true${more}`;
  await run(port, admin, []).catch((error: unknown) => {
    if (!isRefusedLogin(error)) throw error;
    return run(port, { user: 'cassandra', password: 'cassandra' }, [role(admin, ' AND SUPERUSER = true')]);
  });
  await run(port, admin, [
    'ALTER ROLE cassandra WITH SUPERUSER = false AND LOGIN = false',
    ...Object.values(logins).map((login) => role(login)),
    // Who creates a keyspace owns it: no right on those of others, the passwords' keyspace among them.
    `GRANT CREATE ON ALL KEYSPACES TO ${logins.prepare.user}`,
  ]);
}

function isRefusedLogin(error: unknown): boolean {
  const inner = Object.values((error as { innerErrors?: Record<string, Error> }).innerErrors ?? {});
  return inner.some(({ name }) => name === 'AuthenticationError');
}

async function run(port: number, { user, password }: Login, statements: readonly string[]): Promise<void> {
  const client = new Client({
    contactPoints: [`127.0.0.1:${port}`],
    localDataCenter: cassandraDatacenter,
    authProvider: new auth.PlainTextAuthProvider(user, password),
  });
  try {
    await client.connect();
    for (const statement of statements) await client.execute(statement);
  } finally {
    await client.shutdown();
  }
}
