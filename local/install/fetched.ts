import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** What a tool has fetched so far. */
export interface Fetched {
  readonly megabytes: number;
  /** The file that came last, or comes now. */
  readonly file?: string;
}

const unit = { B: 1e-6, kB: 1e-3, KB: 1e-3, MB: 1, GB: 1e3 } as const;

/**
 * Understands what Maven says of its downloads, line by line:
 *
 *     Progress (2): 0.7/2.1 MB | 213/910 kB
 *     Downloaded from central: https://host/a/b-1.jar (2.1 MB at 9.3 MB/s)
 *
 * Answers undefined for its other talk.
 */
export function mavenMeter(): (line: string) => Fetched | undefined {
  let whole = 0;
  return (line) => {
    const done = /Downloaded from \S+: \S*\/(\S+) \(([\d.]+ [kMG]?B)/.exec(line);
    if (done) {
      whole += megabytesIn(done[2] ?? '');
      return { megabytes: whole, ...(isArchive(done[1] ?? '') && { file: done[1] as string }) };
    }
    const under = /^Progress \(\d+\): (.*)$/.exec(line)?.[1];
    if (under === undefined) return undefined;
    return { megabytes: under.split('|').reduce((sum, part) => sum + megabytesIn(part), whole) };
  };
}

/** `0.7/2.1 MB` is under way, `18 kB` of unknown length. */
function megabytesIn(text: string): number {
  const found = /^\s*([\d.]+)(?:\/[\d.]+)? ([kKMG]?B)/.exec(text);
  return found ? Number(found[1]) * unit[found[2] as keyof typeof unit] : 0;
}

const isArchive = (name: string) => /\.(jar|whl|gz)$/.test(name);

/** pip tells nothing before a file is whole; the archives in the folders of its folder for temporary files tell. */
export function archivesIn(temporary: string): Fetched {
  const found = entries(temporary)
    .flatMap((folder) => entries(path.join(temporary, folder)).map((name) => path.join(temporary, folder, name)))
    .filter(isArchive)
    .map((file) => ({ file: path.basename(file), stat: statSync(file, { throwIfNoEntry: false }) }));
  const megabytes = found.reduce((sum, { stat }) => sum + (stat?.size ?? 0) / 1e6, 0);
  const newest = found.sort((a, b) => (b.stat?.mtimeMs ?? 0) - (a.stat?.mtimeMs ?? 0))[0];
  return { megabytes, ...(newest && { file: newest.file }) };
}

/** pip removes its folders whenever it likes. */
function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
