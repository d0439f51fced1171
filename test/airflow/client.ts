import { readFileSync } from 'node:fs';
import type { Platform } from '../../local/data-folder.ts';
import { until } from '../e2e/path.ts';

export interface DagRun {
  readonly dag_run_id: string;
  readonly state: string;
  readonly run_type: string;
  readonly start_date: string;
  readonly end_date: string;
}

export interface TaskInstance {
  readonly task_id: string;
  readonly state: string;
  readonly map_index: number;
  readonly try_number: number;
}

/** Airflow's REST API, as the person whose password the platform made. */
export async function airflowClient({ url, passwords }: NonNullable<Platform['airflow']>) {
  const [[username, password] = []] = Object.entries(JSON.parse(readFileSync(passwords, 'utf8')) as object);
  const token = async (given: object) => {
    const answer = await fetch(`${url}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(given),
    });
    return { status: answer.status, token: ((await answer.json()) as { access_token?: string }).access_token };
  };
  const { token: mine } = await token({ username, password });
  const ask = async <T>(path: string, body?: object, method = body === undefined ? 'GET' : 'POST'): Promise<T> => {
    const answer = await fetch(`${url}/api/v2/${path}`, {
      method,
      headers: { authorization: `Bearer ${mine}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const tasks = async (dag: string, run: string) =>
    (await ask<{ task_instances: TaskInstance[] }>(`dags/${dag}/dagRuns/${run}/taskInstances`)).task_instances;
  return {
    ask,
    token,
    tasks,
    username,
    /** Starts a run with what a person wrote into the form. */
    trigger: (dag: string, conf: object) => ask<DagRun>(`dags/${dag}/dagRuns`, { logical_date: null, conf }),
    /** Keeps the scheduler from the runs of a DAG, or lets it. */
    pause: (dag: string, is_paused: boolean) => ask(`dags/${dag}`, { is_paused }, 'PATCH'),
    /** Waits until a run has ended, in whatever state. */
    ended: (dag: string, run: string, seconds = 600) =>
      until(`the end of ${run}`, seconds, async () => {
        const found = await ask<DagRun>(`dags/${dag}/dagRuns/${run}`);
        return ['success', 'failed'].includes(found.state) ? found : undefined;
      }),
    /** What a task has written in its last try. */
    log: async (dag: string, run: string, { task_id, try_number, map_index }: TaskInstance) =>
      JSON.stringify(
        await ask(
          `dags/${dag}/dagRuns/${run}/taskInstances/${task_id}/logs/${try_number}?map_index=${map_index}&full_content=true`,
        ),
      ),
  };
}
