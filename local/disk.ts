import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';

/** With less than this, servers and tools fail in the middle of a write. */
const leastMb = 100;

/** What is wrong with the disks of some folders; undefined when each has room. */
export function fullDisk(folders: readonly string[]): string | undefined {
  const full = folders.map((folder) => ({ folder, mb: freeMb(folder) })).find(({ mb }) => mb < leastMb);
  return (
    full &&
    `The disk of ${full.folder} is full: ${Math.floor(full.mb)} MB free, at least ${leastMb} MB are needed. Make room, or choose other folders: MILLRACE_CACHE for the downloads, --data for the data.`
  );
}

/** An error with what the disks say about it: programs report a full one in many words, if at all. */
export function withDiskProblem(error: unknown, folders: readonly string[]): unknown {
  const problem = fullDisk(folders);
  if (problem === undefined) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new Error(`${problem}\n${why}`, { cause: error });
}

function freeMb(folder: string): number {
  const { bavail, bsize } = statfsSync(nearestExisting(folder));
  return (bavail * bsize) / 2 ** 20;
}

/** A folder that is yet to be made lies on the disk of the nearest one above it. */
export function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(path.dirname(folder));
}
