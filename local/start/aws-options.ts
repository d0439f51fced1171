import path from 'node:path';
import type { AwsOptions } from '../aws/server.ts';
import type { Setting } from '../services/setting.ts';
import { airflowMayCall, applicationId, functionsOf } from './functions.ts';
import { secretsOf, sparkProperties } from './secrets.ts';
import type { PathOptions } from './start-on.ts';

/** Where Spark jobs run. */
export interface Cluster {
  readonly master: string;
  readonly driverMemory: string;
  /** Of a job that ends: it runs beside the stream, and must leave it the machine. */
  readonly batch: { readonly master: string; readonly driverMemory: string };
  readonly properties?: Readonly<Record<string, string>>;
}

/** In the driver's own process. */
export const thisMachine: Cluster = {
  master: 'local[2]',
  driverMemory: '1g',
  batch: { master: 'local[1]', driverMemory: '768m' },
};

type Options = Pick<PathOptions, 'source' | 'progress' | 'cluster' | 'spark' | 'airflowKey'> & {
  /** Folder of the bundles. */
  readonly bundles: string;
};

/** The local AWS of a data folder: its functions, its secrets, its Spark, and who may call. */
export function awsOptions(
  setting: Setting,
  { source, progress, cluster, spark, airflowKey, bundles }: Options,
): AwsOptions {
  const { folder, ports, listen, credentials, installed, java } = setting;
  const { properties, ...where } = cluster;
  const logDir = path.join(folder.root, 'logs');
  return {
    port: ports.aws,
    listen,
    credentials: credentials.aws,
    functions: functionsOf({ folder, ports, bundles, source }),
    callers: [{ ...airflowKey, mayCall: airflowMayCall }],
    secrets: secretsOf(ports, credentials),
    application: applicationId,
    logDir,
    log: progress.log,
    spark: {
      sparkHome: installed.spark.home,
      python: installed.spark.python,
      jars: installed.spark.jars,
      properties: { ...sparkProperties(ports, credentials), ...properties, ...spark },
      ...where,
      env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', ...javaHomeOf(java) },
      logDir,
    },
  };
}

/** Spark finds Java by JAVA_HOME; a plain `java` is found on the PATH. */
function javaHomeOf(java: string): Record<string, string> {
  return path.isAbsolute(java) ? { JAVA_HOME: path.dirname(path.dirname(java)) } : {};
}
