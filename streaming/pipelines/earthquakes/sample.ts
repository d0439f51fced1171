import type { PageAsk } from '../../definition.ts';
import { featureOf } from './generator/feature.ts';
import { lastUpdateMs, type Revision, revisionsOf } from './generator/quake.ts';

/**
 * The API without the API: earthquakes that were all generated, in its shape. The same window holds the same revisions
 * whenever it is asked; a later one holds later revisions of the same earthquakes, and some windows hold none.
 */
export function samplePage({ page, size, from, until }: Omit<PageAsk, 'seed'>): unknown[] {
  const revisions = revisionsIn(Date.parse(from), Date.parse(until));
  return revisions.slice((page - 1) * size, page * size).map(featureOf);
}

/** In the order of the earthquakes; of one that was revised twice within the window the newest, as the API does. */
function revisionsIn(from: number, until: number): readonly Revision[] {
  const newest = new Map<string, Revision>();
  for (let minute = minuteOf(from - lastUpdateMs); minute <= minuteOf(until); minute += 1) {
    for (const revision of revisionsOf(minute)) {
      if (revision.updated >= from && revision.updated < until) newest.set(revision.quake.id, revision);
    }
  }
  return [...newest.values()].sort((a, b) => a.quake.time - b.quake.time);
}

const minuteOf = (ms: number) => Math.floor(ms / 60_000);
