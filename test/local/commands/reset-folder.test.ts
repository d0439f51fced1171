import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resetFolder, resettable } from '../../../local/commands/reset-folder.ts';
import { lockDataFolder, openDataFolder } from '../../../local/data-folder.ts';
import { removeDatabase } from '../../../local/install/postgres-host.ts';

let parent: string;
let root: string;

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'millrace-reset-'));
  root = path.join(parent, '.millrace');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

describe('A reset', () => {
  it('removes the data folder and leaves nothing beside it', async () => {
    openDataFolder(root);
    expect(await resetFolder(resettable(root) as string)).toEqual([root]);
    expect(readdirSync(parent)).toEqual([]);
  });

  it.each([
    ['where nothing is', () => undefined],
    ['in an empty folder', () => mkdirSync(root)],
  ])('finds nothing to remove %s', (_, make) => {
    make();
    expect(resettable(root)).toBeUndefined();
  });

  it('empties a folder that is a disk of its own', async (context) => {
    mkdirSync(root);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'millrace', root]);
    if (mounted.status !== 0) return context.skip('this user may not mount');
    try {
      writeFileSync(openDataFolder(root).credentials, '{}');
      expect(await resetFolder(resettable(root) as string)).toEqual([root]);
      expect(readdirSync(root)).toEqual([]);
      expect(resettable(root)).toBeUndefined();
    } finally {
      spawnSync('umount', [root]);
    }
  });

  it.each([
    ['that is not ours', () => writeFileSync(path.join(parent, 'diary'), ''), () => parent, /expected a data folder/],
    [
      'that a platform runs on',
      () => void lockDataFolder(openDataFolder(root)),
      () => root,
      /A platform runs on .*--down/,
    ],
    [
      'that is also a checkout',
      () => {
        openDataFolder(root);
        writeFileSync(path.join(root, 'package.json'), '');
      },
      () => root,
      /expected a data folder/,
    ],
  ])('refuses a folder %s', (_, make, folder, message) => {
    make();
    expect(() => resettable(folder())).toThrow(message);
  });

  it('waits for nobody: a folder that is being started is refused and left whole', async () => {
    lockDataFolder(openDataFolder(root));
    await expect(resetFolder(root)).rejects.toThrow(/in use/);
    expect(existsSync(path.join(root, 'id'))).toBe(true);
  });

  it.each(['', '..', '/'])('never takes %j for the id of a database', (id) => {
    expect(() => removeDatabase({ id })).toThrow(/16 hex digits/);
  });
});
