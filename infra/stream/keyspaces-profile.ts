/**
 * What the job's driver of Cassandra is told about Keyspaces. With a profile the connector leaves all of its own settings
 * out, so everything stands here that it would say of sessions. The format is HOCON, of which JSON is a part.
 */
export const profileFile = 'keyspaces.conf';
export const truststoreFile = 'truststore.jks';
/** It guards certificates that everybody has. */
export const truststorePassword = 'keyspaces';

export const keyspacesPort = 9142;

export function keyspacesProfile(region: string): string {
  return `${JSON.stringify({ 'datastax-java-driver': settings(region) }, null, 2)}\n`;
}

const settings = (region: string) => ({
  basic: {
    'contact-points': [`cassandra.${region}.amazonaws.com:${keyspacesPort}`],
    'load-balancing-policy': {
      class: 'DefaultLoadBalancingPolicy',
      'local-datacenter': region,
      // Its nodes are load balancers, of which one that is slow for a moment is not a sick one.
      'slow-replica-avoidance': false,
    },
    request: {
      timeout: '5 seconds',
      // The only level that it writes with.
      consistency: 'LOCAL_QUORUM',
      // Every write says its own time: doing it twice changes nothing.
      'default-idempotence': true,
    },
  },
  advanced: {
    'auth-provider': { class: 'software.aws.mcs.auth.SigV4AuthProvider', 'aws-region': region },
    'ssl-engine-factory': {
      class: 'DefaultSslEngineFactory',
      // An executor works where its files lie; the driver finds its copy by itself (main.py).
      'truststore-path': truststoreFile,
      'truststore-password': truststorePassword,
      // Its nodes are known by addresses, which no certificate names.
      'hostname-validation': false,
    },
    // 3,000 requests a second is the most that one takes.
    connection: { pool: { local: { size: 3 } }, 'init-query-timeout': '5 seconds' },
    // Half a second, the connector's own, drops connections that are well.
    heartbeat: { interval: '30 seconds', timeout: '2 seconds' },
    'reconnect-on-init': true,
    'reconnection-policy': { class: 'ExponentialReconnectionPolicy', 'base-delay': '500 ms', 'max-delay': '2 seconds' },
    // A table that is throttled says write timeout: the same again, until there is room.
    'retry-policy': { class: 'com.datastax.spark.connector.cql.MultipleRetryPolicy', 'max-retry-count': 500 },
    'prepared-statements': { 'prepare-on-all-nodes': false, 'reprepare-on-up': { 'check-system-table': false } },
    metadata: { schema: { 'request-timeout': '10 seconds' } },
    // Else its threads keep the process alive when the job is over: a batch would never end.
    netty: { daemon: true },
    // Records do not belong in logs.
    request: { 'log-warnings': false },
  },
});
