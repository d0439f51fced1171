/**
 * The one place where versions are chosen; the local runner, the tests and AWS read it.
 * They agree with the managed services (ADR 0006): a bump here is a bump in every place.
 */
export const versions = {
  node: '20.19.0',
  /** Newest Node target that both a laptop's Node 20 and Lambda's Node 24 run. */
  bundleTarget: 'node20',
  /** Of our image, and of the major version that Lambda has: runs our TypeScript as it is. */
  containerNode: '24.9.0',
  java: 17,
  python: ['3.11', '3.12'],
  kafka: '4.1.2',
  spark: '3.5.7',
  sparkCassandraConnector: '3.5.1',
  cassandra: '5.0.9',
  airflow: '3.3.1',
  postgres: '18.4',
  registry: '2.6.13.Final',
  /** In containers alone. */
  kafkaUi: '1.3.0',
  /** Newest that runs on Python 3.11; tooling, on no path (ADR 0026). */
  localstack: '4.11.1',
} as const;
