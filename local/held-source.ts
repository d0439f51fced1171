import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
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

/** Whether an API answers at all, within five seconds. */
export async function isReachable(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000), redirect: 'error' });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
