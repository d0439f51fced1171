import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../functions/ports.ts';
import { dayAfter, recentDay } from '../days.ts';
import { endLeftovers, interrupt, run } from '../e2e/command.ts';
import { pipeline, until } from '../e2e/path.ts';
import { listenersOf } from '../e2e/processes.ts';
import { closeDay } from './planted.ts';
import { forms, startWithAirflow, type WithAirflow } from './platform.ts';

const minutes = 60_000;
const dag = `settle-${pipeline.name}`;
const [may, june, july] = [recentDay('2026-05-02'), recentDay('2026-06-01'), recentDay('2026-07-01')];

/** The platform as a person starts it, Airflow with it. */
describe('Airflow beside the path', { timeout: 10 * minutes }, () => {
  let platform: WithAirflow;
  let { data, serving, at, airflow, status } = {} as WithAirflow;

  const account = async (instant: string) =>
    (
      await at.steps.call<{ account: Account | null }>('inspect', {
        question: 'account',
        pipeline: pipeline.name,
        run: instant,
      })
    ).account;
  const land = (instant: string) =>
    at.steps.call('extract', { pipeline: pipeline.name, instant, records: 1, source: 'sample' });
  const mapped = async (dagRun: string) =>
    (await airflow.tasks(dag, dagRun)).filter(({ task_id, map_index }) => task_id === 'extract' && map_index >= 0);

  beforeAll(async () => {
    platform = await startWithAirflow(30_700);
    ({ data, serving, at, airflow, status } = platform);
  }, 45 * minutes);
  afterAll(() => platform?.stop() ?? endLeftovers(), 10 * minutes);

  it('is three processes, which the status shows with the address and where the password lies', async () => {
    // While Airflow came up, the path had less of the machine.
    const { report, code } = await until('nothing to be wrong', 300, async () => {
      const seen = await status();
      return seen.report.problems.length === 0 ? seen : undefined;
    });
    const own = report.services.filter(({ name }) => name.startsWith('airflow-'));
    expect(own.map(({ name, pid }) => [name, typeof pid])).toEqual([
      ['airflow-api', 'number'],
      ['airflow-scheduler', 'number'],
      ['airflow-dags', 'number'],
    ]);
    const { out } = await run(`npm run --silent status -- --data ${data}`);
    const password = Object.values(JSON.parse(readFileSync(at.platform.airflow?.passwords ?? '', 'utf8')) as object);
    expect(out).toMatch(
      new RegExp(`airflow +healthy, .*http://127.0.0.1:30708.* in ${data}/config/airflow/passwords.json`),
    );
    expect(out).not.toContain(password[0]);
    expect(code).toBe(0);
  });

  it.each(['config/airflow/passwords.json', 'config/airflow/airflow.cfg', 'airflow.json'])(
    'keeps its secrets in %s from others',
    (name) => {
      expect(statSync(path.join(data, name)).mode & 0o777).toBe(0o600);
    },
  );

  it('listens on loopback only', () => {
    const addresses = listenersOf(at.platform.runner.pid);
    expect(addresses).toContain('127.0.0.1:30708');
    expect(addresses.filter((address) => !/^127\.|^0{31}1:/.test(address))).toEqual([]);
  });

  it('lets nobody in without the password', async () => {
    const { url = '' } = at.platform.airflow ?? {};
    expect((await fetch(`${url}/api/v2/dags`)).status).toBe(401);
    expect((await airflow.token({ username: airflow.username, password: 'admin' })).status).toBe(401);
  });

  it.each(['airflow', 'airflow-scheduler', 'airflow-api', 'airflow-dags'])('has a log of %s', async (name) => {
    const { out, code } = await run(`npm run --silent logs -- ${name} --data ${data}`);
    expect([code, out.length > 0]).toEqual([0, true]);
  });

  it('has the DAGs of the chosen pipeline, on and without an error', async () => {
    const { dags } = await airflow.ask<{ dags: { dag_id: string; is_paused: boolean }[] }>('dags');
    expect(dags.map(({ dag_id, is_paused }) => [dag_id, is_paused])).toEqual(
      [...forms, 'settle'].map((verb) => [verb === 'retain' ? verb : `${verb}-${pipeline.name}`, false]),
    );
    expect(await airflow.ask('importErrors')).toMatchObject({ import_errors: [] });
  });

  it('runs what is missing in an interval, a thousand records into the tables', { timeout: 12 * minutes }, async () => {
    const form = { from: `${july}T00:00:00Z`, to: `${july}T00:01:00Z`, records: 1000 };
    const { dag_run_id } = await airflow.trigger(dag, form);
    const ended = await airflow.ended(dag, dag_run_id);
    expect(ended.state).toBe('success');
    expect(await account(`${july}T00:00:00Z`)).toMatchObject({
      closed: true,
      stored: 1000,
      pending: 0,
      in_flight: 0,
    });
    const seconds = (Date.parse(ended.end_date) - Date.parse(ended.start_date)) / 1000;
    console.log(`DAG run of 1000 records: ${seconds.toFixed(1)} s`);
  });

  it('does nothing the second time', { timeout: 12 * minutes }, async () => {
    const before = await account(`${july}T00:00:00Z`);
    const { dag_run_id } = await airflow.trigger(dag, { from: `${july}T00:00:00Z`, to: `${july}T00:01:00Z` });
    expect((await airflow.ended(dag, dag_run_id)).state).toBe('success');
    expect(await mapped(dag_run_id)).toEqual([]);
    expect(await account(`${july}T00:00:00Z`)).toEqual(before);
  });

  it("fills exactly the holes of an hour by Airflow's own backfill", { timeout: 30 * minutes }, async () => {
    const holes = [`${june}T00:20:00Z`, `${june}T01:05:00Z`];
    const instants = Array.from({ length: 60 }, (_, n) =>
      new Date(Date.parse(`${june}T00:10:00Z`) + n * 60_000).toISOString().replace('.000', ''),
    );
    for (const instant of instants.filter((one) => !holes.includes(one))) await land(instant);
    await airflow.ask('backfills', {
      dag_id: dag,
      from_date: `${june}T00:10:00Z`,
      to_date: `${june}T00:10:00Z`,
      dag_run_conf: { records: 20 },
      max_active_runs: 1,
    });
    const backfill = await until('the run of the backfill', 300, async () => {
      const query = `dags/${dag}/dagRuns?run_type=backfill`;
      return (await airflow.ask<{ dag_runs: { dag_run_id: string }[] }>(query)).dag_runs[0];
    });
    expect((await airflow.ended(dag, backfill.dag_run_id)).state).toBe('success');
    expect(await mapped(backfill.dag_run_id)).toHaveLength(2);
    for (const hole of holes) expect(await account(hole)).toMatchObject({ closed: true, stored: 20 });
  });

  it('shows a step that refuses as a failed task, with what it said', { timeout: 20 * minutes }, async () => {
    const { dag_run_id } = await airflow.trigger(dag, { from: `${dayAfter(july)}T00:00:00Z`, to: `${july}T00:00:00Z` });
    expect((await airflow.ended(dag, dag_run_id)).state).toBe('failed');
    const tasks = await airflow.tasks(dag, dag_run_id);
    const settle = tasks.find(({ task_id }) => task_id === 'settle');
    expect(settle).toMatchObject({ state: 'failed', try_number: 3 });
    expect(tasks.filter(({ state }) => state === 'success')).toEqual([]);
    if (settle)
      expect(await airflow.log(dag, dag_run_id, settle)).toContain('interval: expected it to end after it begins');
    const what = `${pipeline.name}: run ${dag_run_id} of ${dag} failed in Airflow`;
    await until('the status to tell of it', 300, async () => {
      const { problems } = (await status()).report;
      return problems.find((problem) => problem.what === what);
    });
  });

  it('restores exactly the three instants that a day lacks, when a form names the day', {
    timeout: 15 * minutes,
  }, async () => {
    const day = { from: `${may}T00:00:00Z`, to: `${dayAfter(may)}T00:00:00Z` };
    const holes = [`${may}T03:00:00Z`, `${may}T03:01:00Z`, `${may}T23:59:00Z`];
    await closeDay(at, day, holes);
    const { dag_run_id } = await airflow.trigger(dag, { ...day, records: 10 });
    expect((await airflow.ended(dag, dag_run_id)).state).toBe('success');
    expect(await mapped(dag_run_id)).toHaveLength(3);
    for (const hole of holes) expect(await account(hole)).toMatchObject({ closed: true, stored: 10 });
  });

  it.each([
    ['a moment that is none', { from: 'yesterday' }],
    ['no record', { records: 0 }],
  ])('refuses a form with %s', async (_, form) => {
    await expect(airflow.trigger(dag, form)).rejects.toThrow(/40\d|422/);
  });

  it('leaves the path running when it dies, comes back, and goes with the path', {
    timeout: 15 * minutes,
  }, async () => {
    const pidOf = async () => (await status()).report.services.find(({ name }) => name === 'airflow-scheduler')?.pid;
    const before = await pidOf();
    process.kill(before ?? Number.NaN, 'SIGKILL');
    await until('another scheduler', 300, async () => ((await pidOf()) ?? before) !== before || undefined);
    await land(`${dayAfter(july)}T00:00:00Z`);
    interrupt(serving);
    expect((await serving.ended()).code).toBe(0);
    expect(listenersOf(at.platform.runner.pid)).toEqual([]);
  });
});
