import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folderCheckpoints } from '../../../../functions/adapters/checkpoints/folder.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-checkpoints-'));
});
afterEach(() => rm(folder, { recursive: true }));

it("removes older generations' folders with what is in them, and nothing else", async () => {
  for (const name of ['2', '9', '10', '11', 'notes'])
    await mkdir(join(folder, name, 'random-users'), { recursive: true });
  await writeFile(join(folder, '9', 'random-users', 'metadata'), '{}');
  expect(await folderCheckpoints(folder).removeBefore(10)).toEqual([2, 9]);
  expect((await readdir(folder)).sort()).toEqual(['10', '11', 'notes']);
});

it('is content when no job has made the folder yet', async () => {
  expect(await folderCheckpoints(join(folder, 'none')).removeBefore(3)).toEqual([]);
});
