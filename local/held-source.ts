import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { addressOf } from '../functions/adapters/source/http.ts';
import { askFor } from '../functions/extract/plan.ts';
import type { Definition } from '../streaming/definition.ts';
import { instantOf } from '../streaming/schedule.ts';
import type { SourceKind } from './source-choice.ts';

const fileIn = (data: string) => path.join(data, 'source');

/** Which of the two a data folder was filled from so far; undefined for an empty one. */
export function heldSource(data: string): SourceKind | undefined {
  if (!existsSync(fileIn(data))) return undefined;
  const held = readFileSync(fileIn(data), 'utf8').trim();
  if (held === 'live' || held === 'sample') return held;
  throw new Error(`${fileIn(data)}: expected live or sample, got ${JSON.stringify(held)}`);
}

/** Remembers it. An address that stands in for the API is neither: every run keeps the source it came from. */
export function holdSource(data: string, source: string): void {
  if (source === 'live' || source === 'sample') writeFileSync(fileIn(data), `${source}\n`);
}

/** Names of the pipelines whose own API does not answer within five seconds when it is asked for a single record. */
export async function unreachable(pipelines: readonly Definition[]): Promise<readonly string[]> {
  const answers = await Promise.all(pipelines.map(isReachable));
  return pipelines.filter((_, index) => !answers[index]).map(({ name }) => name);
}

async function isReachable(pipeline: Definition): Promise<boolean> {
  const ask = askFor(pipeline, instantOf(pipeline.schedule.every, new Date()), 1, 1);
  try {
    const answer = await fetch(addressOf(pipeline, pipeline.source.url, ask), {
      signal: AbortSignal.timeout(5000),
      redirect: 'error',
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
