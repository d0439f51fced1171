import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { aclsOf } from '../../functions/adapters/kafka/rights.ts';
import type { Credentials, Login } from '../credentials.ts';
import { clientProperties } from './kafka-client.ts';
import { type Birth, type Made, make, type Server } from './made.ts';
import { classPath, lightJvm, type Setting, serverEnv } from './setting.ts';

/** Apache Kafka, one node without ZooKeeper: the topic. */
export function kafka(setting: Setting): Server {
  const { folder, ports, credentials, installed, java } = setting;
  const data = folder.data('kafka');
  const config = (file: string) => path.join(folder.config('kafka'), file);
  const made: Made = {
    files: {
      [config('log4j2.properties')]: kafkaLogging,
      [config('server.properties')]: kafkaProperties(setting, data),
      [config('reader.properties')]: clientProperties(credentials.kafka.reader),
    },
    birth: { folder: data, fill: (partial) => format(partial, setting) },
  };
  return {
    name: 'kafka',
    dependsOn: [],
    command: java,
    args: [
      '-Xms256m',
      '-Xmx512m',
      ...lightJvm,
      `-Dlog4j2.configurationFile=${config('log4j2.properties')}`,
      '-cp',
      classPath(installed.kafka),
      'kafka.Kafka',
      config('server.properties'),
    ],
    env: serverEnv,
    cwd: folder.config('kafka'),
    logFile: folder.log('kafka'),
    pidFile: folder.pid('kafka'),
    startSeconds: 120,
    stopSignal: 'SIGTERM',
    stopSeconds: 30,
    made,
    prepare: () => make(made),
    provision: () => provision(ports.kafka, credentials.kafka.admin),
    health: () => health(ports.kafka, credentials.kafka.admin),
  };
}

/**
 * Gives the empty folder its cluster id and the users; they exist before the broker first listens. Its arguments are in
 * a file: on the command line every user of this machine could read the passwords.
 */
function format(partial: string, setting: Setting): ReturnType<NonNullable<Birth['fill']>> {
  const { folder, credentials, installed, java } = setting;
  const properties = path.join(folder.config('kafka'), 'format.properties');
  const args = path.join(folder.config('kafka'), 'format.args');
  return {
    command: java,
    args: [`@${args}`],
    files: {
      [properties]: kafkaProperties(setting, partial),
      [args]: formatArguments(credentials.kafka, classPath(installed.kafka), properties).map(quoted).join('\n'),
    },
  };
}

function formatArguments(logins: Credentials['kafka'], jars: string, properties: string): readonly string[] {
  const users = Object.values(logins).flatMap(({ user, password }) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${user},password=${password}]`,
  ]);
  const clusterId = randomBytes(16).toString('base64url');
  return [
    '-Xmx128m',
    ...lightJvm,
    '-cp',
    jars,
    'kafka.tools.StorageTool',
    'format',
    // One word: an id may begin with a hyphen.
    `--cluster-id=${clusterId}`,
    '-c',
    properties,
    ...users,
  ];
}

/** As the java launcher reads its argument files. */
function quoted(argument: string): string {
  return `"${argument.replaceAll('\\', '\\\\')}"`;
}

/** One copy of everything, and nothing that comes into being by a misspelt name. */
const oneNode = {
  'auto.create.topics.enable': false,
  'log.segment.bytes': 64 * 1024 * 1024,
  // Its default reserves 128 MB for compacted topics; the platform has none but Kafka's own.
  'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
  'min.insync.replicas': 1,
  'default.replication.factor': 1,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 1,
  'group.initial.rebalance.delay.ms': 0,
  // After a crash the controller takes the broker back when its old session has ended; by default that is 9 s.
  'broker.session.timeout.ms': 4000,
  'broker.heartbeat.interval.ms': 500,
};

export type KafkaSetting = Pick<Setting, 'ports' | 'listen' | 'credentials'>;

/**
 * Passwords on both listeners: SCRAM for clients, PLAIN for the controller, which must be reachable before SCRAM's
 * users can be read from the log it keeps. Only the broker itself, as `admin`, may do everything.
 */
export function kafkaProperties(setting: KafkaSetting, data: string): string {
  const { ports, listen } = setting;
  const { admin } = setting.credentials.kafka;
  const client = (host: string) => `SASL_PLAINTEXT://${host}:${ports.kafka}`;
  const controller = `CONTROLLER://127.0.0.1:${ports.kafkaController}`;
  const login = (module: string, more = '') =>
    `org.apache.kafka.common.security.${module} required username="${admin.user}" password="${admin.password}"${more};`;
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.kafkaController}`,
    listeners: `${client(listen)},${controller}`,
    'advertised.listeners': client('127.0.0.1'),
    'inter.broker.listener.name': 'SASL_PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config': login('scram.ScramLoginModule'),
    'listener.name.controller.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.controller.plain.sasl.jaas.config': login(
      'plain.PlainLoginModule',
      ` user_${admin.user}="${admin.password}"`,
    ),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:${admin.user}`,
    'log.dirs': data,
    ...oneNode,
  };
  return `${Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}

/** Kafka's jars bring no logging configuration; without one the log stays empty. */
const kafkaLogging = `appenders = stdout
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{ISO8601} %p %c{1}: %m%n
rootLogger.level = INFO
rootLogger.appenderRef.stdout.ref = stdout
`;

/** The owner of the topics may make them and give rights on them; it gives the others theirs. */
const provision = (port: number, admin: Login) =>
  asAdministrator(port, admin, async (client) => {
    await client.createAcls({ acl: aclsOf('prepare', []) });
  });

/** An administrator's request: connecting alone would prove neither the password nor that the broker serves. */
const health = (port: number, admin: Login) =>
  asAdministrator(port, admin, async (client) => {
    const { brokers } = await client.describeCluster();
    if (brokers.length === 0) throw new Error('Kafka answers but its broker has not registered yet.');
  });

async function asAdministrator(
  port: number,
  { user: username, password }: Login,
  ask: (client: Admin) => Promise<void>,
): Promise<void> {
  const admin = new Kafka({
    clientId: 'millrace-health',
    brokers: [`127.0.0.1:${port}`],
    sasl: { mechanism: 'scram-sha-512', username, password },
    ssl: false,
    connectionTimeout: 2000,
    requestTimeout: 5000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  try {
    await ask(admin);
  } finally {
    await admin.disconnect();
  }
}
