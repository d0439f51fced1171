import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notifyEvent } from '../../../functions/notify/event.ts';
import { settleEvent } from '../../../functions/settle/event.ts';
import { steps } from '../../../functions/steps.ts';
import { writeDags } from '../../../local/airflow/dags.ts';
import { dagsManifestOf } from '../../../streaming/dags-manifest.ts';
import { isCounted } from '../../../streaming/definition.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';
import { versions } from '../../../versions.ts';
import { airflowPython, type Parsed, parseWith } from './airflow.ts';

const files = path.join(import.meta.dirname, '../../../streaming/dags');
const minute = 60_000;

// Each Python that imports Airflow takes seconds where nothing else runs.
describe('The DAG files', { timeout: 5 * minute }, () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'millrace-dags-'));
  const folder = path.join(root, 'dags');
  const manifest = path.join(folder, 'manifest.json');
  let python: string;
  let parsed: Parsed;

  const parse = () => parseWith(python, folder, path.join(root, 'home'));
  const scheduled = () => parsed.dags.filter(({ timetable }) => timetable !== null);
  const settings = () => scheduled().flatMap(({ tasks }) => tasks.filter(({ id }) => id === 'settle'));

  beforeAll(async () => {
    python = await airflowPython();
    mkdirSync(folder);
    writeDags(folder, pipelines);
    // As AWS has it.
    writeFileSync(manifest, JSON.stringify(dagsManifestOf(pipelines)));
    parsed = parse();
  }, 20 * minute);

  afterAll(() => rmSync(root, { recursive: true }));

  it('are parsed by Airflow in less than a second of a processor, without the network and without an error', () => {
    expect(parsed.errors).toEqual({});
    expect(parsed.seconds).toBeLessThan(1);
  });

  it('make one DAG of each pipeline, at the times of the manifest, in UTC', () => {
    expect(scheduled().map(({ id, timetable, catchup }) => ({ id, timetable, catchup }))).toEqual(
      dagsManifestOf(pipelines)
        .pipelines.map(({ name, settle }) => ({
          id: `settle-${name}`,
          timetable: { expression: settle, timezone: 'UTC' },
          catchup: false,
        }))
        .sort((a, b) => a.id.localeCompare(b.id)),
    );
  });

  it('find what is missing, run it, relay it, wait for the tables, and reconcile', () => {
    for (const { tasks } of scheduled()) {
      expect(Object.fromEntries(tasks.map(({ id, after, function: called }) => [id, { after, called }]))).toEqual({
        settle: { after: [], called: 'millrace-settle' },
        missing: { after: ['settle'], called: null },
        extract: { after: ['missing'], called: 'millrace-extract' },
        relay: { after: ['extract'], called: 'millrace-relay' },
        absorbed: { after: ['relay', 'settle'], called: null },
        reconcile: { after: ['absorbed', 'settle'], called: null },
      });
    }
  });

  it('run what is missing two at a time, and hold no place of a worker while they wait', () => {
    for (const { tasks } of scheduled()) {
      const task = (id: string) => tasks.find((one) => one.id === id);
      expect(task('extract')).toMatchObject({ mapped: true, most: 2 });
      expect(task('absorbed')?.mode).toBe('reschedule');
    }
  });

  it.each([
    ['on its schedule', 'scheduled', {}, {}],
    [
      'as a part of a backfill',
      'backfill',
      {},
      { from: new Date('2026-11-24T17:10:00Z'), to: new Date('2026-11-24T18:10:00Z') },
    ],
    [
      'by a person who names an interval',
      'manual',
      { from: '2026-11-24T03:00:00Z', to: '2026-11-24T04:00:00+00:00' },
      { from: new Date('2026-11-24T03:00:00Z'), to: new Date('2026-11-24T04:00:00Z') },
    ],
    ['by a person who leaves the form empty', 'manual', { from: null, to: null }, {}],
  ])('tell settle what it understands when a run is started %s', (_, kind, form, bounds) => {
    for (const { payload } of settings()) {
      const event = settleEvent.parse(JSON.parse(render(python, payload ?? '', kind, form)));
      expect(event).toEqual({ pipeline: expect.any(String), from: undefined, to: undefined, dryRun: true, ...bounds });
    }
  });

  it('ask a person for an interval, and for records where a run may be asked for so many', () => {
    for (const { id, form } of scheduled()) {
      const pipeline = pipelines.find(({ name }) => id === `settle-${name}`);
      const counted = pipeline !== undefined && isCounted(pipeline);
      expect(Object.keys(form)).toEqual(['from', 'to', ...(counted ? ['records'] : [])]);
      expect(form['from']).toMatchObject({ type: ['null', 'string'], format: 'date-time' });
      if (counted) expect(form['records']).toMatchObject({ type: ['null', 'integer'], minimum: 1 });
    }
  });

  it('wait longer than a step may take, call it once, and try again three times', () => {
    const calls = scheduled()
      .flatMap(({ tasks }) => tasks)
      .filter((task) => task.function !== null);
    expect(calls).toHaveLength(3 * pipelines.length);
    for (const { function: name, client, connection, retries } of calls) {
      const step = steps.find((one) => name === `millrace-${one.name}`);
      expect(client?.read_timeout).toBeGreaterThan(step?.timeoutSeconds ?? Number.NaN);
      // NAT forgets a connection that is silent for longer.
      expect(client?.read_timeout).toBeLessThan(350);
      expect(client?.retries.max_attempts).toBe(0);
      expect([connection, retries]).toEqual([null, 3]);
    }
  });

  it('tell of a run that failed, once it has, in words that the step knows', () => {
    expect(parsed.dags.length).toBeGreaterThan(pipelines.length);
    for (const { id, tells } of parsed.dags) {
      expect(tells).toMatchObject({ function_name: 'millrace-notify', invocation_type: 'Event' });
      const pipeline = pipelines.find(({ name }) => id.endsWith(`-${name}`))?.name ?? null;
      const event = { pipeline, dag: id, run: 'manual__1', why: 'task_failure' };
      expect(notifyEvent.parse(JSON.parse(tells.payload))).toEqual(event);
    }
  });

  it('say the same each time they are parsed', () => {
    expect({ ...parse(), seconds: 0 }).toEqual({ ...parsed, seconds: 0 });
  });

  it('refuse a manifest of another schema', () => {
    const known = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, JSON.stringify({ ...dagsManifestOf(pipelines), schema: 1 }));
    const { errors } = parse();
    writeFileSync(manifest, known);
    const refusal = expect.stringContaining('manifest.json: expected schema 3, got 1');
    expect(errors).toEqual({
      'millrace.py': refusal,
      'operate.py': refusal,
      'retain.py': refusal,
      'settle.py': refusal,
    });
  });

  it('are the same here, byte by byte', () => {
    for (const name of readdirSync(files).filter((one) => one.endsWith('.py'))) {
      expect(readFileSync(path.join(folder, name))).toEqual(readFileSync(path.join(files, name)));
    }
  });

  const interpreters = versions.python.filter((version) => spawnSync(`python${version}`, ['-V']).status === 0);
  it.each(interpreters)('compile under Python %s', (version) => {
    const compile =
      'import pathlib, sys; [compile(f.read_text(), f, "exec") for f in pathlib.Path(sys.argv[1]).glob("*.py")]';
    expect(() => execFileSync(`python${version}`, ['-c', compile, files], { stdio: 'pipe' })).not.toThrow();
  });
});

/** A payload as Airflow renders it for a run of that kind over the hour from 17:10. */
function render(python: string, payload: string, kind: string, form: object): string {
  const program = `
import json, sys
from datetime import datetime, timezone
from types import SimpleNamespace
from jinja2 import Environment, StrictUndefined
payload, kind, form = json.loads(sys.stdin.read())
edges = {} if kind == 'manual' else {
    'data_interval_start': datetime(2026, 11, 24, 17, 10, tzinfo=timezone.utc),
    'data_interval_end': datetime(2026, 11, 24, 18, 10, tzinfo=timezone.utc),
}
params = {'from': None, 'to': None, **form}
print(Environment(undefined=StrictUndefined).from_string(payload).render(
    dag_run=SimpleNamespace(run_type=kind), params=params, **edges))
`;
  return execFileSync(python, ['-c', program], { input: JSON.stringify([payload, kind, form]), encoding: 'utf8' });
}
