import type { DataFolder } from '../data-folder.ts';
import type { Ports } from '../ports.ts';
import type { Service } from '../supervisor/service.ts';
import { airflowFiles, airflowUrl } from './config.ts';

/** Parts that Airflow's health tells of. */
export type AirflowPart = 'metadatabase' | 'scheduler' | 'dag_processor';
type Health = Readonly<Record<AirflowPart, { readonly status: string | null }>>;

export interface AirflowSetting {
  readonly folder: DataFolder;
  readonly ports: Ports;
  readonly python: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A process of Airflow, and the part that its health tells of. */
interface AirflowService extends Service {
  readonly part: AirflowPart;
}

/** Airflow's three processes; the fourth, the triggerer, is for deferred operators, of which we have none. */
export function airflowServices(setting: AirflowSetting): readonly AirflowService[] {
  return [
    service('airflow-api', ['api-server'], 'metadatabase', setting),
    // Without the flag it would serve logs on every interface; the API reads them off the disk.
    service('airflow-scheduler', ['scheduler', '--skip-serve-logs'], 'scheduler', setting),
    service('airflow-dags', ['dag-processor'], 'dag_processor', setting),
  ];
}

function service(name: string, args: readonly string[], part: AirflowPart, setting: AirflowSetting): AirflowService {
  const { folder, ports, python, env } = setting;
  return {
    name,
    part,
    dependsOn: [],
    command: python,
    args: ['-m', 'airflow', ...args],
    env,
    cwd: airflowFiles(folder).home,
    logFile: folder.log(name),
    pidFile: folder.pid(name),
    // Half a minute where nothing else runs; it comes up behind a path that is at work.
    startSeconds: 600,
    stopSignal: 'SIGTERM',
    stopSeconds: 30,
    prepare: async () => undefined,
    health: () => health(airflowUrl(ports), part),
  };
}

/** Asks the API server about all of them: the others have no address. */
async function health(url: string, part: AirflowPart): Promise<void> {
  const answer = await fetch(`${url}/api/v2/monitor/health`, { signal: AbortSignal.timeout(5000) });
  const { status } = ((await answer.json()) as Health)[part];
  if (status !== 'healthy') throw new Error(`Airflow says that its ${part} is ${status}, expected healthy.`);
}
