import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { eraseEvent } from '../../../functions/erase/event.ts';
import { rebuildEvent } from '../../../functions/rebuild/event.ts';
import { reconcileEvent } from '../../../functions/reconcile/event.ts';
import { redriveEvent } from '../../../functions/redrive/event.ts';
import { retainEvent } from '../../../functions/retain/event.ts';
import { writeDags } from '../../../local/airflow/dags.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';
import { airflowPython } from './airflow.ts';

const name = pipelines[0]?.name ?? '';
const who = 'airflow: ada';

interface Case {
  /** Task of which DAG. */
  readonly task: readonly [dag: string, task: string];
  readonly form?: object;
  /** What the tasks before it answered. */
  readonly given?: readonly object[];
  /** What the steps answer, call by call. */
  readonly answers?: readonly object[];
  readonly calls: readonly (readonly [step: string, event: object])[];
  readonly value?: unknown;
  readonly error?: RegExp;
}

const redriven = { dryRun: false, run: 'redrive:1', cursor: null };
const part = { rows: 2, compared: 2, astray: [], cursor: null };
const eraseAsked = { pipeline: name, keys: ['3f2504e0-4f89-41d3-9a0c-0305e82c3301'], dryRun: false, who };
const eraseCursor = { phase: 'erase', walk: { place: 1, at: null, found: {}, known: [0] }, operation: 7 };
const erased = { dryRun: false, keys: 1, cursor: null };
const rebuildAsked = { pipeline: name, table: Object.keys(pipelines[0]?.tables ?? {})[0], who, dryRun: false };
const rebuilt = { dryRun: false, done: true, cursor: null };
const usual = { limit: 100_000, rate: 1000 };

const cases: Readonly<Record<string, Case>> = {
  'a redrive says what it would do unless it is told to do it, and keeps the people of its sample to itself': {
    task: ['redrive', 'redrive'],
    form: { at: 'stream', reason: 'missing', since: '2026-11-24T03:00:00Z' },
    answers: [{ dryRun: true, letters: 3, sample: [{ payload: { email: 'a@b.c' } }] }],
    calls: [
      [
        'redrive',
        {
          ...{ pipeline: name, who, dryRun: true, ...usual },
          filter: { at: 'stream', reason: 'missing', since: '2026-11-24T03:00:00Z', parked: false },
        },
      ],
    ],
    value: { dryRun: true, letters: 3 },
  },
  'a redrive goes on where the step ran out of time': {
    task: ['redrive', 'redrive'],
    form: { run: '2026-11-24T17:00:00Z', parked: true, limit: 5, rate: 2, apply: true },
    answers: [{ ...redriven, cursor: 'redrive:1' }, redriven],
    calls: [
      [
        'redrive',
        {
          ...{ pipeline: name, who, dryRun: false, limit: 5, rate: 2 },
          filter: { run: '2026-11-24T17:00:00Z', parked: true },
        },
      ],
      ['redrive', { pipeline: name, who, dryRun: false, cursor: 'redrive:1' }],
    ],
    value: redriven,
  },
  'a redrive that only looked is not waited for': {
    task: ['redrive', 'applied'],
    given: [{ dryRun: true }],
    calls: [],
    value: false,
  },
  'a redrive waits until the tables have its run': {
    task: ['redrive', 'absorbed'],
    given: [redriven],
    answers: [{ absorbed: false }],
    calls: [['inspect', { question: 'absorbed', pipeline: name, runs: ['redrive:1'] }]],
    value: false,
  },
  'a redrive that does not balance is a failure': {
    task: ['redrive', 'reconcile'],
    given: [redriven],
    answers: [{ totals: { unbalanced: 1 } }],
    calls: [['reconcile', { pipeline: name, runs: ['redrive:1'] }]],
    error: /redrive:1 does not balance/,
  },
  'a comparison looks at one interval, however many answers it takes': {
    task: ['reconcile-deep', 'compare'],
    form: { from: '2026-11-23T00:00:00Z' },
    answers: [{ ...part, cursor: '7' }, part],
    calls: [
      ['reconcile', { pipeline: name, deep: true, from: '2026-11-23T00:00:00Z', until: '2026-11-24T18:00:00+00:00' }],
      [
        'reconcile',
        {
          ...{ pipeline: name, deep: true, from: '2026-11-23T00:00:00Z', until: '2026-11-24T18:00:00+00:00' },
          cursor: '7',
        },
      ],
    ],
    value: { compared: 4, astray: 0 },
  },
  'a comparison that finds something astray is a failure, which says what to do': {
    task: ['reconcile-deep', 'compare'],
    answers: [{ ...part, astray: [{ seq: 1 }] }],
    calls: [['reconcile', { pipeline: name, deep: true, until: '2026-11-24T18:00:00+00:00' }]],
    error: /1 records are not in every table: npm run reconcile -- --deep --repair/,
  },
  'an erase goes on until every place is done': {
    task: ['erase', 'erase'],
    form: { keys: ['3f2504e0-4f89-41d3-9a0c-0305e82c3301'], apply: true },
    answers: [{ dryRun: false, cursor: eraseCursor }, erased],
    calls: [
      ['erase', eraseAsked],
      ['erase', { ...eraseAsked, cursor: eraseCursor }],
    ],
    value: erased,
  },
  'an erase of a key that nobody knows is a failure': {
    task: ['erase', 'erase'],
    form: { keys: ['3f2504e0-4f89-41d3-9a0c-0305e82c3301'] },
    answers: [{ dryRun: true, unknown: [1], cursor: null }],
    calls: [['erase', { ...eraseAsked, dryRun: true }]],
    error: /1 of the keys are known nowhere/,
  },
  'a rebuild is looked at until its job has ended': {
    task: ['rebuild', 'rebuild'],
    form: { rate: 50, apply: true },
    answers: [{ ...rebuilt, cursor: '4' }, rebuilt],
    calls: [
      ['rebuild', { ...rebuildAsked, rate: 50 }],
      ['rebuild', { ...rebuildAsked, seconds: 240, cursor: '4' }],
    ],
    value: rebuilt,
  },
  'a rebuild only looks unless it is told to do it': {
    task: ['rebuild', 'rebuild'],
    answers: [{ dryRun: true }],
    calls: [['rebuild', { ...rebuildAsked, dryRun: true, rate: 2000 }]],
    value: { dryRun: true },
  },
  'the days of landing are only looked at unless it is told to drop those that are due': {
    task: ['retain', 'days'],
    answers: [{ dryRun: true, days: [{ day: '2026-11-16', verdict: 'due' }] }],
    calls: [['retain', { dryRun: true, who }]],
    value: { dryRun: true, days: [{ day: '2026-11-16', verdict: 'due' }] },
  },
  'a day that is due and stays is a failure, whatever else was dropped': {
    task: ['retain', 'days'],
    form: { apply: true },
    answers: [
      {
        dryRun: false,
        days: [
          { day: '2026-11-15', verdict: 'owed' },
          { day: '2026-11-16', verdict: 'dropped' },
        ],
      },
    ],
    calls: [['retain', { dryRun: false, who }]],
    error: /^2026-11-15: due, and not all of it is in the tables/,
  },
  'a form with a moment that is none calls nothing': {
    task: ['reconcile-deep', 'compare'],
    form: { from: 'yesterday' },
    calls: [],
    error: /'yesterday'/,
  },
};

const events: Readonly<Record<string, z.ZodType>> = {
  ...{ redrive: redriveEvent, reconcile: reconcileEvent, retain: retainEvent },
  ...{ erase: eraseEvent, rebuild: rebuildEvent },
};

describe('The forms', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'millrace-forms-'));
  const folder = path.join(root, 'dags');
  let sent: Readonly<Record<string, { calls: [string, object][]; value?: unknown; error?: string }>>;

  beforeAll(async () => {
    const python = await airflowPython();
    writeDags(folder, pipelines);
    const input = Object.values(cases).map(({ task: [dag, task], form = {}, answers = [], given }) => ({
      ...{ dag: dag === 'retain' ? dag : `${dag}-${name}`, task, form, answers, given },
    }));
    const { stdout, stderr } = spawnSync(python, ['-E', '-s', path.join(import.meta.dirname, 'send.py'), folder], {
      env: { PATH: process.env['PATH'], AIRFLOW_HOME: root, AIRFLOW__CORE__LOAD_EXAMPLES: 'False' },
      encoding: 'utf8',
      input: JSON.stringify(input),
    });
    const answer = stdout.trimEnd().split('\n').at(-1) ?? '';
    if (!answer.startsWith('[')) throw new Error(stderr);
    const answers = JSON.parse(answer);
    sent = Object.fromEntries(Object.keys(cases).map((title, index) => [title, answers[index]]));
  }, 20 * 60_000);
  afterAll(() => rmSync(root, { recursive: true }));

  it.each(Object.entries(cases))('say: %s', (title, { calls, value, error }) => {
    const found = sent[title];
    expect(found?.calls).toEqual(calls.map(([step, event]) => [`millrace-${step}`, event]));
    if (error) expect(found?.error).toMatch(error);
    else expect(found).toEqual({ calls: found?.calls, value });
  });

  it.each(Object.entries(cases))('are understood by the steps: %s', (_, { calls }) => {
    for (const [step, event] of calls) {
      if (events[step]) expect(() => events[step]?.parse(event)).not.toThrow();
      else expect(step).toBe('inspect');
    }
  });
});
