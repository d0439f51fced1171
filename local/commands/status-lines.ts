import { pipelines as definitions } from '../../streaming/pipelines/index.ts';
import type { ServiceState } from '../service-states.ts';
import type { Problem } from './status-problems.ts';
import type { PipelineReport, StatusReport } from './status-report.ts';
import { placeOfAirflow } from './verb-text.ts';

/** One line per service, one per noun in path order, one per problem. */
export function statusLines(report: StatusReport): readonly string[] {
  const { runner, services, airflow, pipelines, generation, problems } = report;
  const width = Math.max(nounWidth, ...services.map(({ name }) => name.length));
  const found = services.map(
    (service) => serviceLine(service, width) + (service.name === 'airflow' ? placed(airflow) : ''),
  );
  return [
    ...(runner === null ? [] : [line('runner', width, 'running', runner.pid, runner.since)]),
    ...found,
    ...pipelines.flatMap((pipeline) => pipelineLines(pipeline, generation)),
    ...problems.map(problemLine),
  ];
}

function serviceLine({ name, state, pid, since, restarts }: ServiceState, width: number): string {
  const again = restarts === 0 ? '' : `, restarted ${restarts} ${restarts === 1 ? 'time' : 'times'}`;
  return line(name, width, state, pid, since) + again;
}

const line = (name: string, width: number, state: string, pid: number | null, since: string) =>
  ` ${name.padEnd(width)} ${state}${pid === null ? '' : `, pid ${pid}`}, since ${seconds(since)}`;

const placed = (airflow: StatusReport['airflow']) => (airflow === null ? '' : `; ${placeOfAirflow(airflow)}`);

const problemLine = ({ what, do: advice }: Problem) => `! ${what} -> ${advice}`;

function pipelineLines(found: PipelineReport, generation: StatusReport['generation']): string[] {
  const { runs, last_run, next_instant, scheduled, pending, oldest_pending_seconds: waited } = found;
  const open = runs.open > 0 ? `, ${runs.open} open` : '';
  const next = scheduled ? `, next ${next_instant.slice(11, 19)}` : ', not on schedule';
  const waiting = pending > 0 ? `, oldest for ${Math.round(waited ?? 0)} s` : '';
  const dead = (at: string) => `${count(deadAt(found, at))}`;
  return [
    `${noun('source')} ${found.pipeline}: ${runs.closed} runs closed${open}, last ${last_run ?? 'none'}${next}`,
    `${noun('landing')} ${count(found.landed)} landed (${rate(found.landed_last_minute)}), ${dead('source')} rejected, ${count(pending)} waiting${waiting}`,
    `${noun('topic')} ${count(found.published)} published, ${count(found.foreign)} foreign, ${count(found.duplicates)} duplicates`,
    `${noun('stream')} ${count(found.covered)} covered (${rate(found.covered_last_minute)}), lag ${count(found.lag)}, ${dead('stream')} dead; ${streamState(found, generation)}`,
    `${noun('table')} ${tablesOf(found.pipeline)}: ${freshness(found)}`,
  ];
}

const nounWidth = 9;
const noun = (name: string) => ` ${name.padEnd(nounWidth)}`;
const count = (n: number) => n.toLocaleString('en');
const seconds = (instant: Date | string) => `${new Date(instant).toISOString().slice(0, 19)}Z`;
/** Over the last minute. */
const rate = (perMinute: number) => `${count(Math.round(perMinute / 6) / 10)}/s`;

function freshness({ newest_complete: newest, freshness_seconds }: PipelineReport): string {
  return newest === null
    ? 'no complete run yet'
    : `complete run ${seconds(newest)}, ${count(freshness_seconds ?? 0)} s ago`;
}

function tablesOf(pipeline: string): string {
  return Object.keys(definitions.find(({ name }) => name === pipeline)?.tables ?? {}).join(', ');
}

function deadAt({ dead }: PipelineReport, at: string): number {
  return dead.filter((letters) => letters.at === at).reduce((sum, letters) => sum + letters.count, 0);
}

function streamState(
  { desired, data_loss, running_generation }: PipelineReport,
  generation: StatusReport['generation'],
): string {
  if (data_loss !== null) return `STOPPED, offsets are gone: ${JSON.stringify(data_loss)}`;
  if (desired === 'stopped') return 'stopped by an operator';
  if (generation === null) return 'no job yet';
  if (generation.generation === running_generation) return `generation ${running_generation}`;
  return `generation ${generation.generation} ${generation.state} ${generation.reason ?? ''}`.trim();
}
