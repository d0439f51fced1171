import { describe, expect, it } from 'vitest';
import { statusLines } from '../../../local/commands/status-lines.ts';
import type { StatusReport } from '../../../local/commands/status-report.ts';
import { pipelineOf, wellReport } from './status-samples.ts';

const changed = (changes: object, generation: object = {}): StatusReport => ({
  ...wellReport,
  generation: { ...wellReport.generation, ...generation } as StatusReport['generation'],
  pipelines: [pipelineOf(changes)],
});

describe('The status', () => {
  it('has one line per service and one per noun, in path order', () => {
    expect(statusLines(wellReport)).toEqual([
      ' runner    running, pid 40, since 2026-11-24T17:17:00Z',
      ' postgres  healthy, pid 41, since 2026-11-24T17:17:10Z',
      ' kafka     healthy, pid 42, since 2026-11-24T17:20:00Z, restarted 1 time',
      ' source    random-users: 12 runs closed, 1 open, last 2026-11-24T17:30:00Z, next 17:31:00',
      ' landing   1,200 landed (1.7/s), 3 rejected, 10 waiting, oldest for 2 s',
      ' topic     1,190 published, 2 foreign, 0 duplicates',
      ' stream    1,180 covered (1.5/s), lag 12, 1 dead; generation 3',
      ' table     users, users_by_country: complete run 2026-11-24T17:29:00Z, 80 s ago',
    ]);
  });

  it.each<[string, object, object, number, string]>([
    ['a job that does not read yet', { running_generation: 2 }, { state: 'starting' }, 6, 'generation 3 starting'],
    ['an operator who stopped it', { desired: 'stopped' }, {}, 6, 'stopped by an operator'],
    ['offsets that are gone', { data_loss: { partition: 0 } }, {}, 6, 'STOPPED, offsets are gone: {"partition":0}'],
    ['nobody who starts runs', { scheduled: false }, {}, 3, 'last 2026-11-24T17:30:00Z, not on schedule'],
    ['tables that are empty', { newest_complete: null, freshness_seconds: null }, {}, 7, 'no complete run yet'],
  ])('says so of %s', (_, changes, generation, index, text) => {
    expect(statusLines(changed(changes, generation))[index]).toContain(text);
  });

  it('says where Airflow is and where its password lies, and shows no password', () => {
    const since = '2026-11-24T17:18:00.000Z';
    const services = ['airflow', 'airflow-api'].map((name) => ({
      name,
      state: 'healthy' as const,
      pid: null,
      restarts: 0,
      since,
    }));
    const airflow = { url: 'http://127.0.0.1:19108', passwords: '/d/config/airflow/passwords.json' };
    expect(statusLines({ ...wellReport, services, airflow }).slice(1, 3)).toEqual([
      ' airflow     healthy, since 2026-11-24T17:18:00Z; http://127.0.0.1:19108, user and password in /d/config/airflow/passwords.json',
      ' airflow-api healthy, since 2026-11-24T17:18:00Z',
    ]);
  });

  it('ends with what is wrong and what to do', () => {
    const problems = [{ what: 'kafka is failed', do: 'npm run logs -- kafka' }];
    expect(statusLines({ ...wellReport, problems }).at(-1)).toBe('! kafka is failed -> npm run logs -- kafka');
  });
});
