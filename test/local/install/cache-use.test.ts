import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheEntries, formatCache, noteUse, pruneCache } from '../../../local/install/cache-use.ts';

let cache: string;
let mine: string;
let theirs: string;
const [old, shared, fresh] = ['kafka-000000000001', 'spark-000000000002', 'kafka-000000000003'];

beforeEach(() => {
  cache = mkdtempSync(path.join(os.tmpdir(), 'millrace-cache-use-'));
  [mine, theirs] = ['mine', 'theirs'].map((name) => path.join(cache, name)) as [string, string];
  mkdirSync(mine);
  mkdirSync(theirs);
  component(old, 3_000_000);
  component(shared, 2_000_000);
  component(fresh, 1_000_000);
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

function component(name: string, bytes: number): void {
  mkdirSync(path.join(cache, name, 'lib'), { recursive: true });
  writeFileSync(path.join(cache, name, 'lib', 'a.jar'), Buffer.alloc(bytes));
}

const pruned = () => pruneCache(cache).map(({ name }) => name);

describe('pruneCache', () => {
  it('removes what no checkout uses, and keeps what one of them does', () => {
    noteUse(cache, mine, [shared, fresh]);
    noteUse(cache, theirs, [shared]);
    expect(pruned()).toEqual([old]);
    expect(existsSync(path.join(cache, old))).toBe(false);
    expect(existsSync(path.join(cache, fresh, 'lib', 'a.jar'))).toBe(true);
    expect(pruned()).toEqual([]);
  });

  it('lets a version go that its last checkout has left for another', () => {
    noteUse(cache, mine, [old, shared, fresh]);
    noteUse(cache, mine, [shared, fresh]);
    expect(pruned()).toEqual([old]);
  });

  it('does not count a checkout that was removed', () => {
    noteUse(cache, mine, [shared, fresh]);
    noteUse(cache, theirs, [old]);
    rmSync(theirs, { recursive: true });
    expect(pruned()).toEqual([old]);
  });

  it('removes what a dead runner left half done, and nothing of a living one or a stranger', () => {
    noteUse(cache, mine, [old, shared, fresh]);
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    for (const name of [
      `${old}.partial-${dead}`,
      `${old}.partial-${process.ppid}`,
      'holiday-photos',
      'photos-000000000001',
    ])
      mkdirSync(path.join(cache, name));
    expect(pruned()).toEqual([`${old}.partial-${dead}`]);
    expect(readdirSync(cache)).toEqual(expect.arrayContaining(['holiday-photos', 'photos-000000000001']));
  });

  it('takes a note that was half written for none', () => {
    noteUse(cache, mine, [old, shared, fresh]);
    writeFileSync(path.join(cache, 'checkouts', 'half.json'), '{"checkout": "/');
    expect(pruned()).toEqual([]);
  });
});

describe('formatCache', () => {
  it('says how large it is, and what can go', () => {
    noteUse(cache, mine, [shared, fresh]);
    expect(formatCache(cache, cacheEntries(cache))).toBe(
      `Cache ${cache}: 6 MB in 3 folders; no checkout uses 3 MB of it (npm run local -- --prune removes that):\n     3 MB  ${old}`,
    );
  });

  it('says so when all is in use', () => {
    noteUse(cache, mine, [old, shared, fresh]);
    expect(formatCache(cache, cacheEntries(cache))).toBe(`Cache ${cache}: 6 MB in 3 folders, all of them in use.`);
  });

  it('is content with a cache that is not there yet', () => {
    const none = path.join(cache, 'none');
    expect(formatCache(none, cacheEntries(none))).toContain('0 MB in 0 folders');
  });
});
