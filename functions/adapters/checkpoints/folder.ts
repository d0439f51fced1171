import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoints } from '../../ports.ts';

/** Port Checkpoints on a folder with one folder per generation, named by its number. */
export function folderCheckpoints(folder: string): Checkpoints {
  return {
    async removeBefore(generation) {
      const old = generationsBefore(generation, await entries(folder));
      for (const each of old) await rm(join(folder, String(each)), { recursive: true, force: true });
      return old;
    },
  };
}

/** Names that are numbers of earlier generations; whatever else lies there is not ours to remove. */
export function generationsBefore(generation: number, names: readonly string[]): readonly number[] {
  return names
    .filter((name) => /^(0|[1-9]\d*)$/.test(name) && Number(name) < generation)
    .map(Number)
    .sort((a, b) => a - b);
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
