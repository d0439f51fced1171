import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startAirflow } from '../../../local/airflow/airflow.ts';
import { loadCredentials } from '../../../local/credentials.ts';
import { openDataFolder } from '../../../local/data-folder.ts';
import { portsFrom } from '../../../local/ports.ts';
import type { SupervisorEvent } from '../../../local/supervisor/supervised.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';

describe('An Airflow that cannot start', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'millrace-no-airflow-'));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('says so in the status and in its log, throws nothing at the path, and can be stopped', async () => {
    const folder = openDataFolder(root);
    const events: SupervisorEvent[] = [];
    const failed = new Promise<void>((resolve) => {
      const onEvent = (event: SupervisorEvent) => {
        events.push(event);
        if (event.state === 'failed') resolve();
      };
      const tools = { maven: '/nowhere/mvn', python: '/nowhere/python3', pythonVersion: '3.11', env: {} };
      const airflow = startAirflow({
        folder,
        ports: portsFrom(30_790),
        listen: '127.0.0.1',
        credentials: loadCredentials(folder.credentials),
        aws: { url: 'http://127.0.0.1:1', key: { accessKeyId: 'a', secretAccessKey: 'b' } },
        pipelines,
        install: { cache: path.join(root, 'cache'), tools },
        onEvent,
      });
      stop = airflow.stop;
    });
    await failed;
    expect(events.map(({ service, state }) => `${service} ${state}`)).toEqual(['airflow preparing', 'airflow failed']);
    expect(events[1]?.detail).toMatch(/Apache Airflow .* could not be installed.*\/nowhere\/python3/s);
    expect(readFileSync(folder.log('airflow'), 'utf8')).toContain('could not be installed');
    await stop();
  });

  let stop: () => Promise<void>;
});
