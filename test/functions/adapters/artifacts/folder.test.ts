import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderArtifacts } from '../../../../functions/adapters/artifacts/folder.ts';

it('writes files whole, over what was there, and leaves nothing half done behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-artifacts-'));
  const artifacts = folderArtifacts(folder);
  await artifacts.write('schemas/1.avsc', 'old');
  await artifacts.write('schemas/1.avsc', 'new');
  expect(await readdir(join(folder, 'schemas'))).toEqual(['1.avsc']);
  expect(await readFile(join(folder, 'schemas/1.avsc'), 'utf8')).toBe('new');
  await rm(folder, { recursive: true });
});
