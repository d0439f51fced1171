import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderName } from '../../../local/install/cache.ts';
import { components, type Tools } from '../../../local/install/components.ts';
import { type InstallEvent, install, installAirflow, missingComponents } from '../../../local/install/install.ts';

let cache: string;
const absent: Tools = { maven: '/nowhere/mvn', python: '/nowhere/python3', pythonVersion: '3.11', env: {} };

beforeEach(() => {
  cache = mkdtempSync(path.join(os.tmpdir(), 'millrace-install-'));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

/** The folders as a complete installation leaves them, without their megabytes. */
function layOut(): void {
  for (const { name, lock } of components)
    mkdirSync(path.join(cache, folderName(name, lock(absent)), 'lib'), { recursive: true });
  const of = (name: string) => path.join(cache, readdirSync(cache).find((entry) => entry.startsWith(`${name}-`)) ?? '');
  writeFileSync(path.join(of('registry'), 'apicurio-registry-app-1-runner.jar'), '');
  writeFileSync(path.join(of('spark'), 'lib', 'spark-avro.jar'), '');
  writeFileSync(path.join(of('cassandra'), 'lib', 'jamm-1.jar'), '');
  mkdirSync(path.join(of('stream'), 'lib', 'python3.11'));
  mkdirSync(path.join(of('stream'), 'bin'));
  symlinkSync(process.execPath, path.join(of('stream'), 'bin', 'python'));
}

describe('install', () => {
  it('runs no tool when everything is present', async () => {
    layOut();
    const events: InstallEvent[] = [];
    const { spark, registry } = await install({ cache, tools: absent, onEvent: (event) => events.push(event) });
    expect(events.map(({ state }) => state)).toEqual(components.map(() => 'present'));
    expect(path.basename(registry)).toBe('apicurio-registry-app-1-runner.jar');
    expect(spark.jars.map((jar) => path.basename(jar))).toEqual(['spark-avro.jar']);
    expect(spark.home).toMatch(/lib\/python3\.11\/site-packages\/pyspark$/);
  });

  it('makes the virtual environment anew when the Python it links to has gone', () => {
    layOut();
    const stream = readdirSync(cache).find((entry) => entry.startsWith('stream-')) ?? '';
    const link = path.join(cache, stream, 'bin', 'python');
    rmSync(link);
    symlinkSync('/nowhere/python3', link);
    expect(missingComponents({ cache, tools: absent }, components).map(({ name }) => name)).toEqual(['stream']);
  });

  it('asks for Airflow where it is wanted, and the path does not wait for it', async () => {
    layOut();
    const airflow = missingComponents({ cache, tools: absent });
    expect(airflow.map(({ name }) => name)).toEqual(['airflow']);
    await install({ cache, tools: absent });
    expect(missingComponents({ cache, tools: absent })).toEqual(airflow);
    await expect(installAirflow({ cache, tools: absent })).rejects.toThrow(/Apache Airflow.*could not be installed/s);
  });

  it('says what failed with the last lines of the tool, and keeps nothing half done', async () => {
    const maven = path.join(cache, 'mvn');
    writeFileSync(
      maven,
      '#!/bin/sh\nfor i in $(seq 30); do echo "line $i"; done\necho "Connection refused" >&2\nexit 3\n',
    );
    chmodSync(maven, 0o755);
    const error = await install({ cache, tools: { ...absent, maven, env: { PATH: process.env['PATH'] } } }).catch(
      (e: Error) => e,
    );
    const message = (error as Error).message;
    expect(message).toContain('Apache Kafka could not be installed');
    expect(message).toContain('ended with 3');
    expect(message).toContain('Connection refused');
    expect(message).toContain('line 30');
    expect(message).not.toContain('line 3\n');
    expect(readdirSync(cache)).toEqual(['mvn']);
  });

  it('says so when a tool is not there', async () => {
    await expect(install({ cache, tools: absent })).rejects.toThrow(/\/nowhere\/mvn could not be started/);
    expect(existsSync(cache)).toBe(true);
  });
});
