import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive } from '../supervisor/process.ts';
import { cachedComponents } from './components.ts';

/** One component's folder in the cache. */
export interface CacheEntry {
  readonly name: string;
  readonly bytes: number;
  /** Checkouts that started with it; none: nobody needs it any more. */
  readonly usedBy: readonly string[];
}

interface Use {
  readonly checkout: string;
  readonly names: readonly string[];
}

/** Who uses what is kept beside the components, a file per checkout. */
const usesFolder = 'checkouts';

/** Remembers what a checkout uses; its earlier versions are then no longer held by it. */
export function noteUse(cache: string, checkout: string, names: readonly string[]): void {
  const folder = path.join(cache, usesFolder);
  mkdirSync(folder, { recursive: true });
  const file = createHash('sha256').update(checkout).digest('hex').slice(0, 12);
  writeFileSync(path.join(folder, `${file}.json`), `${JSON.stringify({ checkout, names } satisfies Use)}\n`);
}

/** What lies in the cache, largest first; checkouts that were removed count no longer. */
export function cacheEntries(cache: string): readonly CacheEntry[] {
  if (!existsSync(cache)) return [];
  const uses = usesOf(cache).filter(({ checkout }) => existsSync(checkout));
  return readdirSync(cache)
    .filter((name) => isComponent(name) && !isBeingMade(name))
    .map((name) => ({
      name,
      bytes: bytesIn(path.join(cache, name)),
      usedBy: uses.filter(({ names }) => names.includes(name)).map(({ checkout }) => checkout),
    }))
    .sort((a, b) => b.bytes - a.bytes);
}

/** Removes what no checkout uses; answers what was removed. */
export function pruneCache(cache: string): readonly CacheEntry[] {
  const unused = cacheEntries(cache).filter(({ usedBy }) => usedBy.length === 0);
  for (const { name } of unused) rmSync(path.join(cache, name), { recursive: true, force: true });
  return unused;
}

/** Lines for a person. */
export function formatCache(cache: string, entries: readonly CacheEntry[]): string {
  const unused = entries.filter(({ usedBy }) => usedBy.length === 0);
  const all = `Cache ${cache}: ${megabytes(entries)} MB in ${entries.length} folders`;
  if (unused.length === 0) return `${all}, all of them in use.`;
  const lines = unused.map(({ name, bytes }) => `  ${String(Math.round(bytes / 1e6)).padStart(4)} MB  ${name}`);
  return [
    `${all}; no checkout uses ${megabytes(unused)} MB of it (npm run local -- --prune removes that):`,
    ...lines,
  ].join('\n');
}

/** `<component>-<12 hex digits>`, and half of one while it is made; nothing else is ours to remove. */
const isComponent = (name: string) =>
  /-[0-9a-f]{12}(\.partial-\d+)?$/.test(name) &&
  cachedComponents.some((component) => name.startsWith(`${component.name}-`));

function isBeingMade(name: string): boolean {
  const pid = /\.partial-(\d+)$/.exec(name)?.[1];
  return pid !== undefined && isAlive(Number(pid));
}

const megabytes = (entries: readonly CacheEntry[]) =>
  Math.round(entries.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6);

/** A file that was half written names nothing; its checkout says it again at its next start. */
function usesOf(cache: string): readonly Use[] {
  const folder = path.join(cache, usesFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Use];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  });
}

function bytesIn(entry: string): number {
  const seen = lstatSync(entry, { throwIfNoEntry: false });
  if (!seen?.isDirectory()) return seen?.size ?? 0;
  return readdirSync(entry).reduce((sum, name) => sum + bytesIn(path.join(entry, name)), 0);
}
