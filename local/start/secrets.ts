import { passwordsSecret, secretNameOf, serversOf } from '../../functions/roles.ts';
import { steps } from '../../functions/steps.ts';
import type { Credentials, Login } from '../credentials.ts';
import type { Ports } from '../ports.ts';
import { cassandraDatacenter } from '../services/cassandra.ts';
import { durableAfterMs } from '../services/cassandra-config.ts';
import { scramLogin } from '../services/kafka-client.ts';

const host = '127.0.0.1';

type TopicRole = Exclude<keyof Credentials['kafka'], 'admin'>;

/**
 * What the local Secrets Manager gives the functions, by name: each its own logins, and to `prepare` the passwords that
 * it gives the roles of PostgreSQL.
 */
export function secretsOf(ports: Ports, credentials: Credentials): ReadonlyMap<string, string> {
  const addresses = {
    postgres: { host, port: ports.postgres, database: 'millrace' },
    kafka: { brokers: [`${host}:${ports.kafka}`] },
    cassandra: tableAddress(ports),
  };
  const { superuser: _, prepare: __, ...given } = credentials.postgres;
  const passwords = Object.values(given).map(({ user, password }) => [user, password]);
  const secrets = new Map([[passwordsSecret, JSON.stringify(Object.fromEntries(passwords))]]);
  for (const { name: step } of steps) {
    for (const server of serversOf(step)) {
      const logins: Readonly<Record<string, Login>> = credentials[server];
      secrets.set(secretNameOf(step, server), JSON.stringify({ ...addresses[server], ...logins[step] }));
    }
  }
  return secrets;
}

export function topicSecretOf(ports: Ports, { kafka }: Credentials, role: TopicRole) {
  return { brokers: [`${host}:${ports.kafka}`], ...kafka[role] };
}

/** Where the tables are, for a client that brings its own login. */
export function tableAddress(ports: Ports) {
  return { host, port: ports.cassandra, datacenter: cassandraDatacenter };
}

/** Spark properties of the job: Kafka's client options and Cassandra's address. They go into a file of mode 0600. */
export function sparkProperties(ports: Ports, { kafka, cassandra }: Credentials): Readonly<Record<string, string>> {
  return {
    'spark.millrace.kafka.bootstrap.servers': `${host}:${ports.kafka}`,
    'spark.millrace.kafka.security.protocol': 'SASL_PLAINTEXT',
    'spark.millrace.kafka.sasl.mechanism': 'SCRAM-SHA-512',
    'spark.millrace.kafka.sasl.jaas.config': scramLogin(kafka.stream),
    'spark.cassandra.connection.host': host,
    'spark.cassandra.connection.port': String(ports.cassandra),
    'spark.millrace.tables.lag.ms': String(durableAfterMs),
    'spark.cassandra.auth.username': cassandra.stream.user,
    'spark.cassandra.auth.password': cassandra.stream.password,
    // The one that is used with S3 too. The other asks a process of its own, readlink, about every file it writes.
    'spark.sql.streaming.checkpointFileManagerClass':
      'org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager',
    'spark.sql.extensions': 'com.datastax.spark.connector.CassandraSparkExtensions',
  };
}
