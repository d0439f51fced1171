import type { Definition, PageAsk } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import type { Measure } from '../metrics.ts';
import type { Landing, PageToLand, Source, SourcePage } from '../ports.ts';

/** Fetches a page. A source that has nothing, although it never should, is an alarm of its own. */
export async function fetchMeasured(
  source: Source,
  pipeline: Definition,
  ask: PageAsk,
  measure: Measure,
): Promise<SourcePage> {
  try {
    return await source.fetchPage(pipeline, ask);
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'source_empty') measure(pipeline.name, { SourceEmpty: 1 });
    throw error;
  }
}

/** Lands a page. One that another call has landed meanwhile was measured there. */
export async function landMeasured(landing: Landing, page: PageToLand, measure: Measure) {
  const outcome = await landing.landPage(page);
  if (outcome !== 'present') {
    measure(page.pipeline, {
      RecordsReceived: page.received,
      RecordsLanded: outcome.landed,
      RecordsRejected: outcome.rejected,
      SourceEmpty: 0,
    });
  }
  return outcome;
}
