import type { Definition } from '../definition.ts';
import { checkTablesApart } from '../definition-check.ts';
import { PipelineError } from '../errors.ts';
import { earthquakes } from './earthquakes/pipeline.ts';
import { randomUsers } from './random-users/pipeline.ts';

/** Every pipeline of this project. Adding one here is all that the runner, the functions, Spark and AWS need. */
export const pipelines: readonly Definition[] = [randomUsers, earthquakes];

checkTablesApart(pipelines);

export function pipelineNamed(name: string): Definition {
  const found = pipelines.find((pipeline) => pipeline.name === name);
  if (found) return found;
  throw new PipelineError(
    `pipeline: expected one of ${pipelines.map((pipeline) => pipeline.name).join(', ')}, got ${JSON.stringify(name)}`,
    { code: 'bad_request', at: 'source', retriable: false },
  );
}
