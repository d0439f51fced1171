import path from 'node:path';
import type { AwsOptions } from '../aws/server.ts';
import type { AwsCredentials } from '../aws/signature.ts';
import type { Setting } from '../services/setting.ts';
import { airflowMayCall, applicationId, functionsOf } from './functions.ts';
import { secretsOf, sparkProperties } from './secrets.ts';
import type { StartOptions } from './start.ts';

/** The local AWS of a data folder: its functions, its secrets, its Spark, and who may call. */
export function awsOptions(
  { source, progress, programs, spark }: StartOptions,
  setting: Setting,
  bundles: string,
  airflow: AwsCredentials,
): AwsOptions {
  const { folder, ports, listen, credentials, installed } = setting;
  const logDir = path.join(folder.root, 'logs');
  return {
    port: ports.aws,
    listen,
    credentials: credentials.aws,
    functions: functionsOf({ folder, ports, bundles, source }),
    callers: [{ ...airflow, mayCall: airflowMayCall }],
    secrets: secretsOf(ports, credentials),
    application: applicationId,
    logDir,
    log: progress.log,
    spark: {
      sparkHome: installed.spark.home,
      python: installed.spark.python,
      jars: installed.spark.jars,
      properties: { ...sparkProperties(ports, credentials), ...spark },
      master: 'local[2]',
      driverMemory: '1g',
      batch: { master: 'local[1]', driverMemory: '768m' },
      env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', ...javaHomeOf(programs.java) },
      logDir,
    },
  };
}

/** Spark finds Java by JAVA_HOME; a plain `java` is found on the PATH. */
function javaHomeOf(java: string): Record<string, string> {
  return path.isAbsolute(java) ? { JAVA_HOME: path.dirname(path.dirname(java)) } : {};
}
