import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steps } from '../../../functions/steps.ts';
import { checkPrerequisites } from '../../../local/prerequisites.ts';
import { dagsManifestOf } from '../../../streaming/dags-manifest.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';
import { versions } from '../../../versions.ts';

const files = path.join(import.meta.dirname, '../../../streaming/dags');
const python = checkPrerequisites({ env: process.env, folders: [os.tmpdir()] }).programs?.python ?? 'python3';

interface Parsed {
  readonly seconds: number;
  readonly dags: readonly Record<string, unknown>[];
  readonly tasks: readonly Record<string, unknown>[];
}

describe('The DAG files', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-dags-'));
  let parsed: Parsed;

  const parse = (manifest: object) => {
    writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
    // Nothing of this machine's environment: what a file read of it would fail here.
    return spawnSync(python, ['-E', '-s', path.join(import.meta.dirname, 'parse.py'), folder], {
      env: { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1' },
      encoding: 'utf8',
    });
  };

  beforeAll(() => {
    cpSync(files, folder, { recursive: true });
    const { stdout, stderr } = parse(dagsManifestOf(pipelines));
    if (stdout === '') throw new Error(stderr);
    parsed = JSON.parse(stdout) as Parsed;
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('make one DAG of each pipeline, at the times of the manifest', () => {
    expect(parsed.dags.map(({ dag_id, schedule }) => ({ dag_id, schedule }))).toEqual(
      dagsManifestOf(pipelines).pipelines.map(({ name, settle }) => ({
        dag_id: `settle-${name}`,
        schedule: { timetable: settle, timezone: 'UTC' },
      })),
    );
  });

  it('call the step by the name of its function, with the pipeline', () => {
    expect(parsed.tasks.map(({ dag, function_name, payload }) => ({ dag, function_name, payload }))).toEqual(
      pipelines.map(({ name }) => ({
        dag: `settle-${name}`,
        function_name: 'millrace-settle',
        payload: JSON.stringify({ pipeline: name }).replace(':', ': '),
      })),
    );
  });

  it('wait longer than the step may take, and call it once', () => {
    const { timeoutSeconds } = steps.find(({ name }) => name === 'settle') ?? { timeoutSeconds: Number.NaN };
    for (const { botocore_config: client } of parsed.tasks) {
      const { read_timeout, retries } = client as { read_timeout: number; retries: { max_attempts: number } };
      expect(read_timeout).toBeGreaterThan(timeoutSeconds);
      // NAT forgets a connection that is silent for longer.
      expect(read_timeout).toBeLessThan(350);
      expect(retries.max_attempts).toBe(0);
    }
  });

  it('are parsed in less than a second, without the network', () => {
    expect(parsed.seconds).toBeLessThan(1);
  });

  it('say the same each time they are parsed', () => {
    const again = JSON.parse(parse(dagsManifestOf(pipelines)).stdout) as Parsed;
    expect({ ...again, seconds: 0 }).toEqual({ ...parsed, seconds: 0 });
  });

  it('refuse a manifest of another schema', () => {
    const { stderr } = parse({ ...dagsManifestOf(pipelines), schema: 2 });
    expect(stderr).toContain('manifest.json: expected schema 1, got 2');
  });

  const interpreters = versions.python.filter((version) => spawnSync(`python${version}`, ['-V']).status === 0);
  it.each(interpreters)('compile under Python %s', (version) => {
    const compile =
      'import pathlib, sys; [compile(f.read_text(), f, "exec") for f in pathlib.Path(sys.argv[1]).glob("*.py")]';
    expect(() => execFileSync(`python${version}`, ['-c', compile, files], { stdio: 'pipe' })).not.toThrow();
  });
});
