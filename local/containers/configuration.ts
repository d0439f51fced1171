import path from 'node:path';
import { airflowConfig, airflowEnv, airflowFiles } from '../airflow/config.ts';
import { type AirflowSecrets, administrator } from '../airflow/secrets.ts';
import { type AirflowPart, airflowServices } from '../airflow/services.ts';
import { scramLogin } from '../services/kafka-client.ts';
import type { Files, Server } from '../services/made.ts';
import { platformServices } from '../services/platform.ts';
import { registryUrl } from '../services/registry.ts';
import type { Setting } from '../services/setting.ts';
import { postgresInContainers, type users } from './place.ts';
import { asksBytes, asksPage, plainScript, scriptOf } from './script.ts';
import type { ContainerSecrets } from './secrets.ts';
import { clusterProperties, masterHealth, masterScript, workerHealth, workerScript } from './spark.ts';

export interface Secrets {
  readonly airflow: AirflowSecrets;
  readonly containers: ContainerSecrets;
}

/** Whose files they are, and the files by their paths. */
export type Configuration = ReadonlyMap<keyof typeof users | 'millrace', Files>;

/** All that `init` writes: the configuration that the runner writes on a machine, and the scripts around it. */
export function configurationOf(setting: Setting, secrets: Secrets): Configuration {
  const servers = platformServices(setting, postgresInContainers);
  return new Map([
    ...servers.map((server) => [server.name as keyof typeof users, serverFiles(server, setting)] as const),
    ['spark-master', sparkFiles('spark-master', masterScript, masterHealth, setting, secrets)],
    ['spark-worker', sparkFiles('spark-worker', workerScript, workerHealth, setting, secrets)],
    ['airflow', airflowFilesOf(setting, secrets)],
    ['kafka-ui', { [inConfig(setting, 'kafka-ui', 'application.yaml')]: kafkaUi(setting) }],
    ['millrace', { [inConfig(setting, 'millrace', 'health.sh')]: millraceHealth(setting) }],
  ]);
}

const inConfig = ({ folder }: Setting, name: string, file: string) => path.join(folder.config(name), file);

/** The configuration itself, and what its folder is made with. */
function serverFiles(server: Server, setting: Setting): Files {
  const { name, made } = server;
  return {
    ...made.files,
    ...made.birth.fill?.(`${made.birth.folder}.partial`).files,
    [inConfig(setting, name, 'health.sh')]: healthOf(server, setting),
    // The registry's image starts it by itself.
    ...(name !== 'registry' && { [inConfig(setting, name, 'run.sh')]: scriptOf(server) }),
  };
}

function sparkFiles(
  name: 'spark-master' | 'spark-worker',
  script: typeof masterScript,
  health: typeof masterHealth,
  setting: Setting,
  { containers }: Secrets,
): Files {
  const properties = inConfig(setting, name, 'spark.properties');
  const lines = Object.entries(clusterProperties(containers.spark)).map(([key, value]) => `${key} ${value}\n`);
  return {
    [properties]: lines.join(''),
    [inConfig(setting, name, 'run.sh')]: script(setting.ports, properties),
    [inConfig(setting, name, 'health.sh')]: health(setting.ports),
  };
}

/** One question of each protocol: whether it serves is seen by the runner, which logs in. */
function healthOf({ name }: Server, { ports }: Setting): string {
  switch (name) {
    case 'postgres':
      // SSLRequest; "N": none here.
      return asksBytes(ports.postgres, '0000000804d2162f', '4e');
    case 'kafka':
      // ApiVersions of version 0, correlation 1, no client id; after the size: correlation 1, no error.
      return asksBytes(ports.kafka, '0000000a0012000000000001ffff', '........000000010000');
    case 'cassandra':
      // OPTIONS of protocol 4, stream 1; SUPPORTED.
      return asksBytes(ports.cassandra, '040000010500000000', '8400000106');
    default:
      return asksPage(ports.registry, '/apis/ccompat/v7/subjects', '\\[.*\\]');
  }
}

/** The path is up when other commands can find it, and its endpoints answer, if only to refuse. */
function millraceHealth({ ports, folder }: Setting): string {
  return `${asksPage(ports.aws, '/', 'MissingAuthenticationToken')}[ -e ${folder.platform} ]\n`;
}

const healthOfAirflow = (part: AirflowPart) => `"${part}":\\{"status":"healthy"`;

function airflowFilesOf(setting: Setting, { airflow, containers }: Secrets): Files {
  const { folder, ports } = setting;
  // Airflow opens its passwords to write, which configuration does not allow here.
  const files = { ...airflowFiles(folder), passwords: path.join(folder.data('airflow'), 'passwords.json') };
  const { HOME: _, ...env } = airflowEnv(files, { url: `http://127.0.0.1:${ports.aws}`, key: containers.airflow });
  const file = (name: string) => path.join(folder.config('airflow'), name);
  const services = airflowServices({ folder, ports, python: 'python', env });
  const scripts = services.map(({ name, command, args, part }) => ({
    [file(`${name}.sh`)]: plainScript(env, command, args),
    [file(`${name}.health.sh`)]: asksPage(ports.airflow, '/api/v2/monitor/health', healthOfAirflow(part)),
  }));
  return {
    [files.config]: airflowConfig(setting, airflow, files),
    [files.passwords]: `${JSON.stringify({ [administrator]: airflow.password })}\n`,
    [file('init.sh')]: plainScript(env, 'python', ['-m', 'airflow', 'db', 'migrate']),
    ...Object.assign({}, ...scripts),
  };
}

/** Logged in as the reader, who may look and no more. */
function kafkaUi({ ports, credentials }: Setting): string {
  const cluster = {
    name: 'millrace',
    bootstrapServers: `127.0.0.1:${ports.kafka}`,
    readOnly: true,
    schemaRegistry: registryUrl(ports.registry),
    properties: {
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config': scramLogin(credentials.kafka.reader),
    },
  };
  // JSON is YAML.
  return `${JSON.stringify({ server: { port: ports.kafkaUi }, kafka: { clusters: [cluster] } }, null, 2)}\n`;
}
