import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../../local/commands/status-problems.ts';
import { type Found, pipelineReport } from '../../../local/commands/status-report.ts';
import { now, pipelineOf, wellReport } from './status-samples.ts';

const judged = (changes: Partial<Found>) => problemsOf({ ...wellReport, ...changes }, now, '.millrace');
const ofPipeline = (changes: object) => judged({ pipelines: [pipelineOf(changes)] });
const airflow = (state: 'preparing' | 'starting' | 'failed', restarts = 0) => ({
  services: [{ name: 'airflow', state, pid: null, restarts, since: '2026-11-24T17:20:00.000Z' }],
});
const kafka = (state: 'failed' | 'restarting') => [
  { name: 'kafka', state, pid: null, restarts: 5, since: '2026-11-24T17:20:00.000Z' },
];

const old = new Date('2026-11-24T17:25:00Z');

describe('All is well', () => {
  it.each<[string, object]>([
    ['when everything runs', {}],
    ['when an operator stopped the pipeline', { desired: 'stopped', running_generation: null, newest_complete: old }],
    ['when nothing is on schedule, however old the newest run', { scheduled: false, newest_complete: old }],
    ['when the first run is under way', { newest_complete: null, first_instant: new Date('2026-11-24T17:30:00Z') }],
    ['when an instant is open that settle will look at', { next_unclosed: '2026-11-24T17:00:00Z' }],
    ['when an instant is open that is too old to settle', { next_unclosed: '2026-11-20T17:00:00Z' }],
    ['when an instant is open that nobody schedules', { scheduled: false, next_unclosed: '2026-11-24T15:00:00Z' }],
  ])('%s', (_, changes) => expect(ofPipeline(changes)).toEqual([]));
});

describe('Airflow comes up behind the path', () => {
  it.each(['preparing', 'starting'] as const)('which is no problem while it is %s', (state) => {
    expect(judged(airflow(state))).toEqual([]);
  });

  it.each([
    ['when it could not', airflow('failed'), 'airflow is failed'],
    ['when it comes up once more', airflow('starting', 1), 'airflow is starting'],
  ])('which is one %s', (_, changes, what) => {
    expect(judged(changes)).toEqual([{ what, do: 'npm run logs -- airflow' }]);
  });
});

describe('Something is wrong', () => {
  it.each<[string, Partial<Found>, string, string]>([
    ['nothing runs', { state: 'stopped' }, 'nothing runs here', 'npm run local'],
    ['it is not up yet', { state: 'changing' }, 'starting or stopping', 'npm run status'],
    ['a server is down', { services: kafka('failed') }, 'kafka is failed', 'npm run logs -- kafka'],
    ['a server comes back', { services: kafka('restarting') }, 'kafka is restarting', 'npm run logs -- kafka'],
    [
      'the path cannot be asked',
      { pipelines: [], unreadable: 'no route' },
      'cannot be read: no route',
      'npm run logs -- millrace-inspect',
    ],
  ])('when %s', (_, changes, what, advice) => {
    expect(judged(changes)).toEqual([{ what: expect.stringContaining(what), do: advice }]);
  });

  it.each<[string, object, string, string]>([
    ['nobody reads the topic', { running_generation: 2 }, 'no job reads its topic', 'npm run logs -- spark'],
    [
      'rows wait for the relay',
      { oldest_pending_seconds: 61 },
      'rows have waited 61 s for the relay',
      'npm run logs -- millrace-relay',
    ],
    [
      'a run of Airflow failed',
      { failed_dag: { dag: 'settle-random-users', run: 'manual__1', at: '2026-11-24T17:20:00Z' } },
      'run manual__1 of settle-random-users failed in Airflow',
      'npm run logs -- airflow-scheduler',
    ],
    [
      'offsets are gone',
      { data_loss: { partition: 0 } },
      'the topic no longer holds offsets that the tables need: {"partition":0}',
      'npm run stream -- status',
    ],
    [
      'a run stays open',
      { next_unclosed: '2026-11-24T16:00:00Z' },
      'run 2026-11-24T16:00:00Z is still open',
      'npm run logs -- millrace-extract',
    ],
    [
      'the source gives nothing new',
      { newest_complete: old, last_run: '2026-11-24T17:25:00Z' },
      'the tables have nothing newer than 2026-11-24T17:25:00Z',
      'npm run logs -- millrace-extract',
    ],
    [
      'the stream stands still',
      { newest_complete: old },
      'the tables have nothing newer than 2026-11-24T17:25:00Z',
      'npm run logs -- spark',
    ],
  ])('when %s', (_, changes, what, advice) => {
    expect(ofPipeline(changes)).toEqual([{ what: `random-users: ${what}`, do: advice }]);
  });

  it('on another data folder, whose name is in the advice', () => {
    const [problem] = problemsOf({ ...wellReport, services: kafka('failed') }, now, '/elsewhere');
    expect(problem?.do).toBe('npm run logs -- kafka --data /elsewhere');
  });
});

describe('A pipeline in the report', () => {
  const asked = (newest: unknown, scheduled: readonly string[]) =>
    pipelineReport({ ...pipelineOf({}), newest_complete: newest as Date | null }, scheduled, now);

  it('has the age of its newest complete run, which comes as JSON, and the next instant', () => {
    expect(asked('2026-11-24T17:29:00.000Z', ['random-users'])).toMatchObject({
      scheduled: true,
      freshness_seconds: 80,
      next_instant: '2026-11-24T17:31:00Z',
    });
  });

  it('has no age before the first', () => {
    expect(asked(null, [])).toMatchObject({ scheduled: false, freshness_seconds: null });
  });
});
