import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resetFolder, resettable } from '../../../local/commands/reset-folder.ts';
import { lockDataFolder, openDataFolder, writePlatform } from '../../../local/data-folder.ts';
import { removeDatabase } from '../../../local/install/postgres-host.ts';
import { portsFrom } from '../../../local/ports.ts';

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

  it('finds nothing to remove where nothing is', () => expect(resettable(root)).toBeUndefined());

  it.each([
    ['that is not ours', () => writeFileSync(path.join(parent, 'diary'), ''), () => parent, /expected a data folder/],
    [
      'that a platform runs on',
      () => writePlatform(openDataFolder(root), { ports: portsFrom(19_100), endpoints: {} }),
      () => root,
      /A platform runs on/,
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
