import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { StatusReport } from '../../local/commands/status-report.ts';
import { removeDatabase } from '../../local/install/postgres-host.ts';
import { endLeftovers, jsonLines, run, start } from '../e2e/command.ts';
import { openPath, pipeline, until } from '../e2e/path.ts';
import { airflowClient } from './client.ts';

/** The DAGs that only a person starts; the other one is settle. */
export const forms = ['erase', 'rebuild', 'reconcile-deep', 'redrive', 'retain'];

/** The platform as a person starts it, Airflow with it, once both are healthy and the DAGs are there. */
export async function startWithAirflow(portBase: number) {
  const data = mkdtempSync(path.join(os.tmpdir(), 'millrace-airflow-'));
  const status = async () => {
    const { out, code } = await run(`npm run --silent status -- --json --data ${data}`);
    return { code, report: jsonLines<StatusReport>(out)[0] as StatusReport };
  };
  const line = `npm run local -- --data ${data} --port-base ${portBase} --source sample --pipeline ${pipeline.name}`;
  const serving = start(line);
  await until('the path to be ready', 600, async () => {
    if (serving.child.exitCode !== null) throw new Error(`the platform did not start: ${serving.said()}`);
    return serving.said().includes('Ready after') || undefined;
  });
  const at = await openPath(data);
  // A server that stops breaks idle connections, which nobody is waiting on.
  at.database.on('error', () => undefined);
  const place = at.platform.airflow;
  if (place === undefined) throw new Error('platform.json should say where Airflow is');
  await until('Airflow to be healthy', 1200, async () => {
    const { report } = await status();
    const own = report.services.filter(({ name }) => name.startsWith('airflow'));
    if (own.some(({ state }) => state === 'failed')) throw new Error(JSON.stringify(report.problems));
    return (own.length === 4 && own.every(({ state }) => state === 'healthy')) || undefined;
  });
  const airflow = await airflowClient(place);
  // Its processor is healthy before it has read a file.
  await until('the DAG files to be read', 600, async () => {
    const { total_entries } = await airflow.ask<{ total_entries: number }>('dags');
    return total_entries >= forms.length + 1 || undefined;
  });
  const stop = async () => {
    await at.close();
    await endLeftovers();
    await run(`npm run local -- --down --data ${data}`);
    removeDatabase({ id: readFileSync(path.join(data, 'id'), 'utf8').trim() });
    rmSync(data, { recursive: true, force: true });
  };
  return { data, serving, at, airflow, status, stop };
}

export type WithAirflow = Awaited<ReturnType<typeof startWithAirflow>>;
