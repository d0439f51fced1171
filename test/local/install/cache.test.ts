import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, fillOnce, folderName } from '../../../local/install/cache.ts';

describe('cacheFolder', () => {
  it.each([
    ['says what the user says', { MILLRACE_CACHE: '/big/disk', XDG_CACHE_HOME: '/xdg' }, 'linux', '/big/disk'],
    ['follows XDG', { XDG_CACHE_HOME: '/xdg' }, 'linux', '/xdg/millrace'],
    ['takes an empty XDG variable as unset', { XDG_CACHE_HOME: '' }, 'linux', '/home/ada/.cache/millrace'],
    ['falls back to the habit of Linux', {}, 'linux', '/home/ada/.cache/millrace'],
    ['falls back to the habit of macOS', { XDG_CACHE_HOME: '/xdg' }, 'darwin', '/home/ada/Library/Caches/millrace'],
  ] as const)('%s', (_, env, platform, expected) => {
    expect(cacheFolder(env, platform, '/home/ada')).toBe(expected);
  });
});

describe('folderName', () => {
  it('is the same for the same lock', () => {
    expect(folderName('kafka', ['a', 'b'])).toBe(folderName('kafka', ['a', 'b']));
  });

  it.each([
    ['another text', ['a', 'c']],
    ['the same characters cut differently', ['ab', '']],
  ])('differs for %s', (_, lock) => {
    expect(folderName('kafka', lock)).not.toBe(folderName('kafka', ['a', 'b']));
  });
});

describe('fillOnce', () => {
  let parent: string;
  let folder: string;

  beforeEach(() => {
    parent = mkdtempSync(path.join(os.tmpdir(), 'millrace-cache-'));
    folder = path.join(parent, 'kafka-123');
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  const write = async (partial: string) => writeFileSync(path.join(partial, 'jar'), 'whole');

  it('shows the folder only when it is complete', async () => {
    await fillOnce(folder, async (partial) => {
      await write(partial);
      expect(existsSync(folder)).toBe(false);
    });
    expect(readdirSync(folder)).toEqual(['jar']);
  });

  it('leaves nothing behind when filling fails', async () => {
    const failing = async (partial: string) => {
      await write(partial);
      throw new Error('network down');
    };
    await expect(fillOnce(folder, failing)).rejects.toThrow('network down');
    expect(readdirSync(parent)).toEqual([]);
  });

  it('does not fill a complete folder again', async () => {
    await fillOnce(folder, write);
    await fillOnce(folder, () => Promise.reject(new Error('asked the network')));
    expect(readdirSync(folder)).toEqual(['jar']);
  });

  it('is content when another runner was faster', async () => {
    await fillOnce(folder, async (partial) => {
      await write(partial);
      mkdirSync(folder);
      writeFileSync(path.join(folder, 'jar'), 'theirs');
    });
    expect(readdirSync(parent)).toEqual(['kafka-123']);
  });

  it('removes what a dead runner left half done, and nothing of a living one', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    for (const pid of [dead, process.ppid]) mkdirSync(`${folder}.partial-${pid}`);
    await fillOnce(folder, write);
    expect(readdirSync(parent).sort()).toEqual(['kafka-123', `kafka-123.partial-${process.ppid}`]);
  });
});
