import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Artifacts } from '../../ports.ts';

/** Port Artifacts on a folder. A file appears whole or not at all: the job may read at any moment. */
export function folderArtifacts(folder: string): Artifacts {
  return {
    async write(name, text) {
      const file = join(folder, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(`${file}.part`, text);
      await rename(`${file}.part`, file);
    },
  };
}
