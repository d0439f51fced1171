import { auth, Client } from 'cassandra-driver';
import kafkajs from 'kafkajs';
import pg from 'pg';
import type { Server } from '../../../functions/roles.ts';
import type { Login } from '../../../local/credentials.ts';
import type { Path } from '../path.ts';

/** The servers' own clients, as anybody. */
export function clientsOf({ credentials, platform: { ports } }: Path) {
  return {
    loginOf: (server: Server, role: string) => {
      const login = (credentials[server] as Readonly<Record<string, Login>>)[role];
      if (login === undefined) throw new Error(`no login of ${role} on ${server}`);
      return login;
    },
    asPostgres: async (login: Login, database = 'millrace') => {
      const client = new pg.Client({ host: '127.0.0.1', port: ports.postgres, database, ...login });
      await client.connect();
      return client;
    },
    asKafka: (login: Login | undefined, port = ports.kafka) => asKafka(login, port),
    asCassandra: (login: Login | undefined) => asCassandra(login, ports.cassandra),
  };
}

export type Clients = ReturnType<typeof clientsOf>;

function asKafka(login: Login | undefined, port: number): kafkajs.Kafka {
  return new kafkajs.Kafka({
    brokers: [`127.0.0.1:${port}`],
    ...(login && { sasl: { mechanism: 'scram-sha-512', username: login.user, password: login.password } }),
    ssl: false,
    connectionTimeout: 30_000,
    authenticationTimeout: 30_000,
    requestTimeout: 60_000,
    retry: { retries: 0 },
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

async function asCassandra(login: Login | undefined, port: number): Promise<Client> {
  const client = new Client({
    contactPoints: [`127.0.0.1:${port}`],
    localDataCenter: 'datacenter1',
    // A schema that changes, and a table that is emptied, may keep a busy server for long.
    protocolOptions: { maxSchemaAgreementWaitSeconds: 60 },
    socketOptions: { connectTimeout: 20_000, readTimeout: 120_000 },
    ...(login && { authProvider: new auth.PlainTextAuthProvider(login.user, login.password) }),
  });
  await client.connect().catch(async (error) => {
    await client.shutdown();
    throw error;
  });
  return client;
}
