import type { Definition } from '../../../streaming/definition.ts';
import type { Source } from '../../ports.ts';
import { checkedAddress, httpSource } from './http.ts';
import { sampleSource } from './sample.ts';

/** Refuses what cannot be a source before it is written into a plan that would never be done. */
export function checkedSource(source: string): string {
  return source === 'live' || source === 'sample' ? source : checkedAddress(source).href;
}

/** The source that a plan names: `live`, `sample`, or the address that stands in for the live one. */
export function sourceFor(
  source: string,
  pipeline: Definition,
  world: { readonly taskRoot: string; readonly signal: AbortSignal },
): Source {
  if (source === 'sample') return sampleSource(world.taskRoot);
  return httpSource(source === 'live' ? pipeline.source.url : source, world.signal);
}
