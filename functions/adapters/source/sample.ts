import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { PageAsk } from '../../../streaming/definition.ts';
import type { Source } from '../../ports.ts';
import { failed } from './failed.ts';
import { isLast } from './last.ts';

/** What a pipeline's `sample.ts` exports: the same records whenever the same page of the same run is asked. */
type SamplePage = (ask: PageAsk) => unknown[];

/** Offline records of a pipeline, from a bundle file of its own beside the function: `samples/<pipeline>.cjs`. */
export function sampleSource(taskRoot: string): Source {
  return {
    fetchPage: async (pipeline, ask) => {
      const records = loadSample(taskRoot, pipeline.name)(ask);
      return { records, last: isLast(pipeline.source, ask, records) };
    },
  };
}

function loadSample(taskRoot: string, pipeline: string): SamplePage {
  const file = resolve(join(taskRoot, 'samples', `${pipeline}.cjs`));
  try {
    return (createRequire(file)(file) as { samplePage: SamplePage }).samplePage;
  } catch (cause) {
    throw failed(
      'bad_request',
      `source: expected the sample of ${pipeline} at ${file}, got an error; write streaming/pipelines/${pipeline}/sample.ts or use another source`,
      { retriable: false, cause },
    );
  }
}
