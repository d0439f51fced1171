import type { Ports } from '../ports.ts';
import { serverEnv } from '../services/setting.ts';
import type { Cluster } from '../start/aws-options.ts';
import { asksPage, plainScript } from './script.ts';

const loopback = '127.0.0.1';
const sparkClass = '/opt/spark/bin/spark-class';

/** Whoever wants to run something on the cluster knows its secret; it travels in files. */
export const clusterProperties = (secret: string) => ({
  'spark.authenticate': 'true',
  'spark.authenticate.secret': secret,
});

/** The stream has two cores, as on a machine, and jobs that end have another each. */
export function clusterOf({ sparkMaster }: Ports, secret: string): Cluster {
  const master = `spark://${loopback}:${sparkMaster}`;
  return {
    master,
    driverMemory: '768m',
    batch: { master, driverMemory: '512m' },
    properties: { ...clusterProperties(secret), 'spark.cores.max': '2', 'spark.executor.memory': '768m' },
  };
}

const env = { TZ: 'UTC', LANG: serverEnv.LANG, SPARK_NO_DAEMONIZE: '1', SPARK_DAEMON_MEMORY: '256m' };

/** The master's page is published; what it and the worker say to each other stays inside. */
export function masterScript({ sparkMaster, sparkUi }: Ports, properties: string): string {
  const args = ['--host', loopback, '--port', String(sparkMaster), '--webui-port', String(sparkUi)];
  return plainScript(env, sparkClass, [
    'org.apache.spark.deploy.master.Master',
    ...args,
    '--properties-file',
    properties,
  ]);
}

export function workerScript({ sparkMaster, sparkWorkerUi }: Ports, properties: string): string {
  const args = ['--host', loopback, '--webui-port', String(sparkWorkerUi), '--cores', '4', '--memory', '2g'];
  return plainScript({ ...env, SPARK_LOCAL_IP: loopback }, sparkClass, [
    ...['org.apache.spark.deploy.worker.Worker', ...args, '--work-dir', '/tmp/spark-work'],
    ...['--properties-file', properties, `spark://${loopback}:${sparkMaster}`],
  ]);
}

export const masterHealth = ({ sparkUi }: Ports) => asksPage(sparkUi, '/json/', 'ALIVE');
export const workerHealth = ({ sparkUi }: Ports) => asksPage(sparkUi, '/json/', '"aliveworkers"[ ]*:[ ]*[1-9]');
