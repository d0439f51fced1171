import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recentDay } from '../days.ts';
import { endLeftovers, run } from '../e2e/command.ts';
import { pipeline, until, untilCovered } from '../e2e/path.ts';
import { airflowPython } from '../streaming/dags/airflow.ts';
import { forgetTable, plant } from './planted.ts';
import { startWithAirflow, type WithAirflow } from './platform.ts';

const minutes = 60_000;
const { name } = pipeline;
const day = recentDay('2026-05-01');

/** What an operator does, by the forms of real Airflow. */
describe('The forms in Airflow', { timeout: 60 * minutes }, () => {
  let platform: WithAirflow;
  let { data, at, airflow } = {} as WithAirflow;

  beforeAll(async () => {
    platform = await startWithAirflow(30_800);
    ({ data, at, airflow } = platform);
    for (const minute of ['10', '11', '12']) {
      await at.steps.call('extract', {
        ...{ pipeline: name, instant: `${day}T00:${minute}:00Z`, records: 500, source: 'sample' },
      });
    }
    await untilCovered(at, 600);
  }, 60 * minutes);
  afterAll(() => platform?.stop() ?? endLeftovers(), 10 * minutes);

  /** Sends a form, and answers how its run ended and what a task of it answered. */
  async function send(dag: string, form: object, task: string) {
    const { dag_run_id } = await airflow.trigger(dag, form);
    const { state } = await airflow.ended(dag, dag_run_id);
    const entry = `dags/${dag}/dagRuns/${dag_run_id}/taskInstances/${task}/xcomEntries/return_value`;
    const answer = await airflow.ask<{ value: Record<string, unknown> }>(entry).catch(() => undefined);
    const asked = (await airflow.tasks(dag, dag_run_id)).find(({ task_id }) => task_id === task);
    return { state, answer: answer?.value, log: () => asked && airflow.log(dag, dag_run_id, asked) };
  }

  it('drive planted letters again when they say so, and only look when they do not', async () => {
    await plant(at, `${day}T00:00:00Z`, 3);
    const reason = 'a_rule_of_then';
    const states = async () =>
      (
        await at.database.query('select state from letters where pipeline = $1 and reason = $2', [name, reason])
      ).rows.map(({ state }) => state);
    expect((await send(`redrive-${name}`, { reason }, 'redrive')).state).toBe('success');
    expect(await states()).toEqual(['open', 'open', 'open']);
    expect((await send(`redrive-${name}`, { reason, apply: true }, 'redrive')).state).toBe('success');
    expect(await states()).toEqual(['stored', 'stored', 'stored']);
    const { rows } = await at.database.query("select who, answer from operations where verb = 'redrive'");
    expect(rows).toEqual([
      { who: `airflow: ${airflow.username}`, answer: expect.objectContaining({ landed: 3, rejected: 0 }) },
    ]);
  });

  it('refuse a redrive of everything, as the step does', async () => {
    const { state, log } = await send(`redrive-${name}`, { apply: true }, 'redrive');
    expect(state).toBe('failed');
    expect(await log()).toContain('a redrive of everything is refused');
  });

  it('compare every key with the tables', async () => {
    const { state, answer } = await send(`reconcile-deep-${name}`, { from: `${day}T00:00:00Z` }, 'compare');
    expect(state).toBe('success');
    expect(answer).toMatchObject({ astray: 0 });
    expect(answer?.['compared']).toBeGreaterThanOrEqual(1500);
  });

  it('rebuild a table that came later than the records, and then every key is in it', async () => {
    await forgetTable(at, 'users_by_country');
    const lacking = await send(`reconcile-deep-${name}`, { from: `${day}T00:00:00Z` }, 'compare');
    expect(lacking.state).toBe('failed');
    const form = { table: 'users_by_country', rate: 20_000 };
    const look = await send(`rebuild-${name}`, form, 'rebuild');
    expect(look).toMatchObject({ state: 'success', answer: { dryRun: true } });
    const { state, answer } = await send(`rebuild-${name}`, { ...form, apply: true }, 'rebuild');
    expect([state, answer]).toEqual(['success', expect.objectContaining({ done: true, dead: 0 })]);
    const compared = await send(`reconcile-deep-${name}`, { from: `${day}T00:00:00Z` }, 'compare');
    expect(compared.state).toBe('success');
  });

  it('erase who is named, and say so of one whom nobody knows', async () => {
    const { rows } = await at.database.query<{ id: string }>(
      `select payload ->> 'user_id' as id from landing where pipeline = $1 and run = '${day}T00:10:00Z' limit 1`,
      [name],
    );
    const keys = rows.map(({ id }) => id);
    const looked = await send(`erase-${name}`, { keys }, 'erase');
    expect([looked.state, looked.answer?.['found']]).toEqual(['success', expect.objectContaining({ users: 1 })]);
    expect((await send(`erase-${name}`, { keys, apply: true }, 'erase')).state).toBe('success');
    expect((await at.tables.execute('SELECT user_id FROM users WHERE user_id = ?', keys)).rowLength).toBe(0);
    const unknown = await send(`erase-${name}`, { keys: ['3f2504e0-4f89-41d3-9a0c-0305e82c3301'] }, 'erase');
    expect(unknown.state).toBe('failed');
    expect(await unknown.log()).toContain('known nowhere');
  });

  it('say what the days of landing hold', async () => {
    const { state, answer } = await send('retain', {}, 'days');
    expect([state, answer]).toEqual(['success', expect.objectContaining({ dryRun: true, made: [] })]);
  });

  it("run by Airflow's own test of a DAG", async () => {
    const services = (await platform.status()).report.services;
    const pid = services.find((service) => service.name === 'airflow-scheduler')?.pid;
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
    const conf = JSON.stringify({ from: `${day}T00:10:00Z`, to: `${day}T00:14:00Z`, records: 5 });
    const args = ['-m', 'airflow', 'dags', 'test', `settle-${name}`, '--conf', conf];
    // Such a run is a row like any other: the scheduler would take tasks of it, and run them a second time.
    await airflow.pause(`settle-${name}`, true);
    const { code, out, err } = await run(`env -i --chdir ${data}`, ...environment, await airflowPython(), ...args);
    await airflow.pause(`settle-${name}`, false);
    expect([code, out + err]).toEqual([0, expect.stringMatching(/DagRun Finished.*state=success/)]);
    const id = /DagRun Finished.* run_id=([^ ,]+)/.exec(out + err)?.[1];
    expect(id).toMatch(/^manual__/);
    expect(readFileSync(path.join(data, 'logs/airflow-scheduler.log'), 'utf8')).not.toContain(id);
    await until('the instant that was missing', 300, async () => {
      const { rows } = await at.database.query(
        `select stored::int from accounts where pipeline = $1 and run = '${day}T00:13:00Z'`,
        [name],
      );
      return rows[0]?.stored === 5 || undefined;
    });
  });
});
