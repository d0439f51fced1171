import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoints } from '../../ports.ts';

/** Port Checkpoints on a folder with one folder per generation, named by its number. */
export function folderCheckpoints(folder: string): Checkpoints {
  return {
    async removeBefore(generation) {
      const old = (await entries(folder)).filter((name) => /^\d+$/.test(name) && Number(name) < generation);
      for (const name of old) await rm(join(folder, name), { recursive: true, force: true });
      return old.map(Number).sort((a, b) => a - b);
    },
  };
}

/** The first job makes the folder. */
async function entries(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
