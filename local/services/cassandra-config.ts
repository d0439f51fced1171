import path from 'node:path';
import type { Ports } from '../ports.ts';
import type { Listen } from './setting.ts';

/** Milliseconds from one sync of the commit log to the next. */
const syncMs = 20;

/**
 * Milliseconds after an acknowledgement for which the server may still lose the write when it is killed. It lets no
 * write through while the last sync lies more than one and a half periods back; the rest is for clocks.
 */
export const durableAfterMs = syncMs * 2;

/**
 * The commit log is synced by time, so that no write waits for the disk; the Spark job lets a write count only when it is
 * there (streaming/job/fence.py). No JMX port is opened: it would ask nobody for a password. There is no other replica to
 * ask instead: a request is waited for until a busy machine has come to it.
 */
export function cassandraYaml(ports: Ports, data: string, listen: Listen = '127.0.0.1'): string {
  const folder = (name: string) => JSON.stringify(path.join(data, name));
  return `cluster_name: millrace
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: "127.0.0.1:${ports.cassandraStorage}"
auto_bootstrap: false
listen_address: 127.0.0.1
storage_port: ${ports.cassandraStorage}
rpc_address: ${listen}
broadcast_rpc_address: 127.0.0.1
native_transport_port: ${ports.cassandra}
authenticator: PasswordAuthenticator
authorizer: CassandraAuthorizer
role_manager: CassandraRoleManager
credentials_validity: 1s
roles_validity: 1s
permissions_validity: 1s
commitlog_sync: periodic
commitlog_sync_period: ${syncMs}ms
concurrent_writes: 64
read_request_timeout: 20s
range_request_timeout: 20s
write_request_timeout: 10s
batch_size_warn_threshold: 64KiB
batch_size_fail_threshold: 256KiB
data_file_directories:
  - ${folder('data')}
commitlog_directory: ${folder('commitlog')}
saved_caches_directory: ${folder('saved_caches')}
hints_directory: ${folder('hints')}
cdc_raw_directory: ${folder('cdc_raw')}
`;
}

export const cassandraLogging = `<configuration>
  <appender name="stdout" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{ISO8601} %-5level %logger{0}: %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="stdout"/></root>
</configuration>
`;

/** What Java 17 hides by default and Cassandra uses. */
export const javaModules: readonly string[] = [
  ...flags('--add-exports', 'java.base', [
    'jdk.internal.misc',
    'jdk.internal.ref',
    'sun.nio.ch',
    'java.lang.ref',
    'java.lang.reflect',
  ]),
  ...flags('--add-exports', 'java.management.rmi', ['com.sun.jmx.remote.internal.rmi']),
  ...flags('--add-exports', 'java.rmi', ['sun.rmi.registry', 'sun.rmi.server']),
  ...flags('--add-exports', 'java.sql', ['java.sql']),
  ...flags('--add-exports', 'jdk.unsupported', ['sun.misc']),
  ...flags('--add-opens', 'java.base', [
    'java.lang',
    'java.lang.module',
    'java.lang.reflect',
    'java.io',
    'java.nio',
    'java.nio.file.attribute',
    'java.util',
    'java.util.concurrent',
    'java.util.concurrent.atomic',
    'jdk.internal.loader',
    'jdk.internal.ref',
    'jdk.internal.reflect',
    'jdk.internal.math',
    'jdk.internal.module',
    'jdk.internal.util.jar',
    'sun.nio.ch',
  ]),
  ...flags('--add-opens', 'jdk.management', ['com.sun.management.internal']),
  ...flags('--add-opens', 'java.rmi', ['sun.rmi.transport.tcp']),
];

function flags(option: string, module: string, packages: readonly string[]): readonly string[] {
  return packages.map((name) => `${option}=${module}/${name}=ALL-UNNAMED`);
}
