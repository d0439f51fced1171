import { rmSync } from 'node:fs';
import path from 'node:path';
import { fillOnce, folderName } from '../../../local/install/cache.ts';
import { runTool } from '../../../local/install/tool.ts';
import type { Around } from './around.ts';
import { aptSource } from './machine.ts';

const packages = ['ca-certificates'];

/** The base of all images as a tar file in the cache: the smallest Debian that can install the rest. */
export async function baseImage(cache: string, { env, signal }: Around): Promise<string> {
  const folder = path.join(cache, folderName('compose-base', ['bookworm', 'minbase', ...packages]));
  await fillOnce(folder, async (partial) => {
    const root = path.join(partial, 'root');
    const include = `--include=${packages.join(',')}`;
    const args = ['--variant=minbase', include, 'bookworm', root, aptSource()];
    await runTool({ command: 'debootstrap', args, env, signal });
    const tar = ['--create', '--file', path.join(partial, 'base.tar'), '--directory', root, '.'];
    await runTool({ command: 'tar', args: tar, env, signal });
    rmSync(root, { recursive: true });
  });
  return path.join(folder, 'base.tar');
}
