import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface File {
  readonly bytes: number;
  readonly sha256: string;
}

/** What a complete folder of the cache holds, by path. */
type Contents = Readonly<Record<string, File>>;

const listName = 'contents.json';

/** Writes down what a folder holds, when it is complete. */
export function noteContents(folder: string): void {
  const contents = Object.fromEntries(filesOf(folder).map((name) => [name, fileAt(path.join(folder, name))]));
  writeFileSync(path.join(folder, listName), `${JSON.stringify(contents)}\n`);
}

/**
 * The first file that is not as it was installed; undefined when all are, or when nothing was written down. Sizes tell
 * what was cut off and cost milliseconds; `thorough` reads every byte.
 */
export function damagedFile(folder: string, { thorough }: { thorough: boolean }): string | undefined {
  const list = path.join(folder, listName);
  if (!existsSync(list)) return undefined;
  const contents = JSON.parse(readFileSync(list, 'utf8')) as Contents;
  return Object.entries(contents).find(([name, file]) => !isSame(path.join(folder, name), file, thorough))?.[0];
}

function isSame(file: string, { bytes, sha256 }: File, thorough: boolean): boolean {
  if (lstatSync(file, { throwIfNoEntry: false })?.size !== bytes) return false;
  return !thorough || fileAt(file).sha256 === sha256;
}

function fileAt(file: string): File {
  const content = readFileSync(file);
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

/** Links lead elsewhere, and Python writes its caches anew. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
