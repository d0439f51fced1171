import { pipelines as definitions } from '../../streaming/pipelines/index.ts';
import { stepMs } from '../../streaming/schedule.ts';
import type { ServiceState } from '../service-states.ts';
import type { Found, PipelineReport } from './status-report.ts';
import { startIt, statusOf, verb } from './verb-text.ts';

/** What is wrong, and the command that tells more or mends it. */
export interface Problem {
  readonly what: string;
  readonly do: string;
}

/** Until settle has had its hour, an instant that did not close is nobody's alarm. */
const openLimitMs = 65 * 60_000;
/** Settle never looks further back. */
const settledMs = 24 * 3_600_000;
const waitLimitSeconds = 60;

/** Everything that is wrong; empty when all is well. */
export function problemsOf(found: Found, now: Date, data: string): readonly Problem[] {
  if (found.state === 'stopped') return [{ what: 'nothing runs here', do: startIt(data) }];
  const logsOf = (name: string) => verb('logs', name, data);
  const services = found.services
    .filter((service) => service.state !== 'healthy' && !isComing(service))
    .map(({ name, state }) => ({ what: `${name} is ${state}`, do: logsOf(name) }));
  if (found.state === 'changing') {
    return [...services, { what: 'the platform is starting or stopping', do: statusOf(data) }];
  }
  const unread = found.unreadable;
  return [
    ...services,
    ...(unread === undefined
      ? []
      : [{ what: `the pipelines cannot be read: ${unread}`, do: logsOf('millrace-inspect') }]),
    ...found.pipelines.flatMap((pipeline) =>
      pipelineProblems(pipeline, found, now, data).map(({ what, ...rest }) => ({
        what: `${pipeline.pipeline}: ${what}`,
        ...rest,
      })),
    ),
  ];
}

/** Airflow comes up behind the path, which is ready without it. */
const isComing = ({ name, state, restarts }: ServiceState) =>
  name.startsWith('airflow') && restarts === 0 && ['preparing', 'starting'].includes(state);

function pipelineProblems(pipeline: PipelineReport, { generation }: Found, now: Date, data: string): Problem[] {
  const problems = [
    streamProblem(pipeline, generation?.generation, data),
    relayProblem(pipeline, data),
    dagProblem(pipeline, data),
    ...(pipeline.scheduled ? [openProblem(pipeline, now, data), staleProblem(pipeline, now, data)] : []),
  ];
  return problems.filter((problem) => problem !== undefined);
}

function streamProblem(
  { data_loss, desired, running_generation }: PipelineReport,
  newest: number | undefined,
  data: string,
): Problem | undefined {
  if (data_loss !== null) {
    return {
      what: `the topic no longer holds offsets that the tables need: ${JSON.stringify(data_loss)}`,
      do: verb('stream', 'status', data),
    };
  }
  if (desired === 'stopped' || running_generation === newest) return undefined;
  return { what: 'no job reads its topic', do: verb('logs', 'spark', data) };
}

function relayProblem({ oldest_pending_seconds: waited }: PipelineReport, data: string): Problem | undefined {
  if (waited === null || waited <= waitLimitSeconds) return undefined;
  return { what: `rows have waited ${Math.round(waited)} s for the relay`, do: verb('logs', 'millrace-relay', data) };
}

/** Settle runs by the hour: one that failed is known until it has had its next turn. */
function dagProblem({ failed_dag: failed }: PipelineReport, data: string): Problem | undefined {
  if (failed === null) return undefined;
  return { what: `run ${failed.run} of ${failed.dag} failed in Airflow`, do: verb('logs', 'airflow-scheduler', data) };
}

function openProblem({ next_unclosed: run }: PipelineReport, now: Date, data: string): Problem | undefined {
  const age = now.getTime() - Date.parse(run ?? '');
  if (!(age > openLimitMs && age < settledMs)) return undefined;
  return { what: `run ${run} is still open`, do: verb('logs', 'millrace-extract', data) };
}

/** Three instants and a minute for the path: then the tables should have what is newer. */
function staleProblem(
  { pipeline, desired, first_instant, newest_complete, last_run }: PipelineReport,
  now: Date,
  data: string,
): Problem | undefined {
  const every = definitions.find(({ name }) => name === pipeline)?.schedule.every ?? '1m';
  const limitMs = 3 * stepMs(every) + 60_000;
  const newestMs = new Date(newest_complete ?? first_instant).getTime();
  if (desired === 'stopped' || now.getTime() - newestMs <= limitMs) return undefined;
  const isAsked = last_run !== null && now.getTime() - Date.parse(last_run) <= limitMs;
  return {
    what: `the tables have nothing newer than ${new Date(newestMs).toISOString().slice(0, 19)}Z`,
    do: verb('logs', isAsked ? 'spark' : 'millrace-extract', data),
  };
}
