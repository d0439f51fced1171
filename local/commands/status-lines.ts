import type { Status } from '../../functions/inspect/inspect.ts';
import type { Definition } from '../../streaming/definition.ts';
import { nextInstant } from '../../streaming/schedule.ts';

type PipelineStatus = Status['pipelines'][number];

/** One line per noun, in path order. */
export function statusLines(status: Status, pipelines: readonly Definition[], now: Date): readonly string[] {
  return status.pipelines.flatMap((found) => {
    const pipeline = pipelines.find(({ name }) => name === found.pipeline);
    return pipeline === undefined ? [] : pipelineLines(found, pipeline, status.generation, now);
  });
}

function pipelineLines(
  found: PipelineStatus,
  pipeline: Definition,
  generation: Status['generation'],
  now: Date,
): string[] {
  const next = nextInstant(pipeline.schedule.every, now).toISOString().slice(11, 19);
  const open = found.runs.open > 0 ? `, ${found.runs.open} open` : '';
  const waiting = found.pending > 0 ? `, oldest for ${Math.round(found.oldest_pending_seconds ?? 0)} s` : '';
  return [
    line(
      'source',
      `${pipeline.name}: ${found.runs.closed} runs closed${open}, last ${found.last_run ?? 'none'}, next ${next}`,
    ),
    line(
      'landing',
      `${count(found.landed)} landed, ${count(deadAt(found, 'source'))} rejected, ${count(found.pending)} waiting${waiting}`,
    ),
    line(
      'topic',
      `${count(found.published)} published, ${count(found.foreign)} foreign, ${count(found.duplicates)} duplicates`,
    ),
    line(
      'stream',
      `${count(found.covered)} covered, lag ${count(found.lag)}, ${count(deadAt(found, 'stream'))} dead; ${streamState(found, generation)}`,
    ),
    line('table', Object.keys(pipeline.tables).join(', ')),
  ];
}

const line = (noun: string, text: string) => ` ${noun.padEnd(8)} ${text}`;
const count = (n: number) => n.toLocaleString('en');

function deadAt({ dead }: PipelineStatus, noun: string): number {
  return dead.filter(({ at }) => at === noun).reduce((sum, letters) => sum + letters.count, 0);
}

function streamState(
  { desired, data_loss, running_generation }: PipelineStatus,
  generation: Status['generation'],
): string {
  if (data_loss !== null) return `STOPPED, offsets are gone: ${JSON.stringify(data_loss)}`;
  if (desired === 'stopped') return 'stopped by an operator';
  if (generation === null) return 'no job yet';
  if (generation.generation === running_generation) return `generation ${running_generation}`;
  return `generation ${generation.generation} ${generation.state} ${generation.reason ?? ''}`.trim();
}

/** What is wrong, one line each; empty when all is well. */
export function unwell(status: Status): readonly string[] {
  return status.pipelines.flatMap((found) => {
    const problems: string[] = [];
    const { pipeline, oldest_pending_seconds: waited, data_loss, desired, running_generation } = found;
    if (data_loss !== null)
      problems.push(
        `${pipeline}: the topic no longer holds offsets that the tables need: ${JSON.stringify(data_loss)}`,
      );
    else if (desired === 'running' && running_generation !== status.generation?.generation) {
      problems.push(`${pipeline}: no job reads its topic; see logs/spark-*.log in the data folder`);
    }
    if ((waited ?? 0) > 60)
      problems.push(
        `${pipeline}: rows have waited ${Math.round(waited ?? 0)} s for the relay; see logs/millrace-relay.log`,
      );
    return problems;
  });
}
