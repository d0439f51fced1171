import type { Credentials, Login } from '../credentials.ts';
import type { Ports } from '../ports.ts';
import { cassandraDatacenter } from '../services/cassandra.ts';

const host = '127.0.0.1';

/** What the local Secrets Manager gives the functions, by name; on AWS these are secrets of the same shape. */
export function secretsOf(ports: Ports, credentials: Credentials): ReadonlyMap<string, string> {
  const { postgres, cassandra } = credentials;
  const secrets = {
    'millrace/postgres': { host, port: ports.postgres, database: 'millrace', ...postgres.millrace },
    'millrace/kafka': topicSecretOf(ports, credentials),
    'millrace/cassandra': { ...tableAddress(ports), ...cassandra.millrace },
  };
  return new Map(Object.entries(secrets).map(([name, value]) => [name, JSON.stringify(value)]));
}

export function topicSecretOf(ports: Ports, { kafka }: Credentials) {
  return { brokers: [`${host}:${ports.kafka}`], ...kafka.millrace };
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
    'spark.millrace.kafka.sasl.jaas.config': scramLogin(kafka.millrace),
    'spark.cassandra.connection.host': host,
    'spark.cassandra.connection.port': String(ports.cassandra),
    'spark.cassandra.auth.username': cassandra.millrace.user,
    'spark.cassandra.auth.password': cassandra.millrace.password,
    // Compiles lightly: ready in three quarters of the time and, over the first 100,000 records, with less CPU.
    'spark.driver.extraJavaOptions': '-XX:TieredStopAtLevel=1',
    'spark.sql.extensions': 'com.datastax.spark.connector.CassandraSparkExtensions',
  };
}

function scramLogin({ user, password }: Login): string {
  return `org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${password}";`;
}
