import path from 'node:path';
import { credentialVariables } from '../aws/client-environment.ts';
import type { AwsCredentials } from '../aws/signature.ts';
import type { DataFolder } from '../data-folder.ts';
import type { Ports } from '../ports.ts';
import { type Setting, serverEnv } from '../services/setting.ts';
import { type AirflowSecrets, administrator } from './secrets.ts';

export const database = 'airflow';

/** What lies where. */
export function airflowFiles(folder: DataFolder) {
  const [home, config] = [folder.data('airflow'), folder.config('airflow')];
  return {
    home,
    secrets: path.join(folder.root, 'airflow.json'),
    config: path.join(config, 'airflow.cfg'),
    /** Of the person at the pages; Airflow reads it as it is. */
    passwords: path.join(config, 'passwords.json'),
    /** The DAG files beside their manifest, as MWAA has them. */
    dags: path.join(home, 'dags'),
  };
}

type Files = ReturnType<typeof airflowFiles>;

export const airflowUrl = ({ airflow }: Pick<Ports, 'airflow'>) => `http://127.0.0.1:${airflow}`;

/** Seconds after which a DAG file is read again; here none changes while Airflow runs. */
const rarely = 300;

/** Everything that is set is a secret or an address, holds it to this machine, or is as MWAA has it. */
export function airflowConfig(
  { ports, listen }: Pick<Setting, 'ports' | 'listen'>,
  secrets: AirflowSecrets,
  files: Files,
): string {
  const { user, password } = secrets.database;
  const url = airflowUrl(ports);
  return sections({
    core: {
      dags_folder: files.dags,
      load_examples: 'False',
      executor: 'LocalExecutor',
      // It forks them all at once, 27 MB each.
      parallelism: 4,
      dags_are_paused_at_creation: 'False',
      fernet_key: secrets.fernetKey,
      simple_auth_manager_users: `${administrator}:admin`,
      simple_auth_manager_passwords_file: files.passwords,
      execution_api_server_url: `${url}/execution/`,
    },
    database: {
      sql_alchemy_conn: `postgresql+psycopg2://${user}:${password}@127.0.0.1:${ports.postgres}/${database}`,
    },
    api: { host: listen, port: ports.airflow, workers: 1, base_url: url, secret_key: secrets.apiSecret },
    api_auth: { jwt_secret: secrets.jwtSecret },
    logging: { base_log_folder: path.join(files.home, 'logs') },
    dag_processor: {
      parsing_processes: 1,
      refresh_interval: rarely,
      min_file_process_interval: rarely,
    },
    usage_data_collection: { enabled: 'False' },
  });
}

/** A percent sign would be an interpolation. */
function sections(all: Readonly<Record<string, Readonly<Record<string, string | number>>>>): string {
  const lines = Object.entries(all).flatMap(([name, settings]) => [
    `[${name}]`,
    ...Object.entries(settings).map(([key, value]) => `${key} = ${String(value).replaceAll('%', '%%')}`),
    '',
  ]);
  return lines.join('\n');
}

/**
 * Environment of Airflow's processes. The endpoints are here and nowhere else, so that the DAG files say nothing of this
 * machine; its own home keeps the settings of a person's AWS account out.
 */
export function airflowEnv(files: Files, aws: { readonly url: string; readonly key: AwsCredentials }) {
  return {
    ...serverEnv,
    HOME: files.home,
    AIRFLOW_HOME: files.home,
    AIRFLOW_CONFIG: files.config,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_LAMBDA: aws.url,
    AWS_ENDPOINT_URL_EMR_SERVERLESS: aws.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...credentialVariables(aws.key),
  };
}
