import type { PipelineReport, StatusReport } from '../../../local/commands/status-report.ts';

/** A status in which all is well, at 17:30:20. */
export const now = new Date('2026-11-24T17:30:20Z');

const pipeline: PipelineReport = {
  pipeline: 'random-users',
  desired: 'running',
  data_loss: null,
  running_generation: 3,
  runs: { open: 1, closed: 12 },
  first_instant: new Date('2026-11-24T17:18:00Z'),
  last_run: '2026-11-24T17:30:00Z',
  next_unclosed: null,
  landed: 1200,
  published: 1190,
  pending: 10,
  erased: 0,
  oldest_pending_seconds: 2.4,
  covered: 1180,
  landed_last_minute: 100,
  covered_last_minute: 90,
  newest_complete: new Date('2026-11-24T17:29:00Z'),
  foreign: 2,
  duplicates: 0,
  dead: [
    { at: 'source', reason: 'bad_uuid', count: 3 },
    { at: 'stream', reason: 'quality:email_has_at', count: 1 },
  ],
  failed_dag: null,
  lag: 12,
  scheduled: true,
  next_instant: '2026-11-24T17:31:00Z',
  freshness_seconds: 80,
};

export const pipelineOf = (changes: object): PipelineReport => ({ ...pipeline, ...changes });

export const wellReport: StatusReport = {
  state: 'running',
  runner: { pid: 40, since: '2026-11-24T17:17:00.000Z' },
  services: [
    { name: 'postgres', state: 'healthy', pid: 41, restarts: 0, since: '2026-11-24T17:17:10.000Z' },
    { name: 'kafka', state: 'healthy', pid: 42, restarts: 1, since: '2026-11-24T17:20:00.000Z' },
  ],
  airflow: null,
  generation: { generation: 3, version: 'abc', jobRun: 'j', state: 'running', reason: null },
  pipelines: [pipeline],
  problems: [],
};
