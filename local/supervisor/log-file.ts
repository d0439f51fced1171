import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync } from 'node:fs';
import path from 'node:path';

const shownBytes = 16 * 1024;

/** Keeps the log of the start before this one as `<name>.1`. */
export function rotate(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  if (existsSync(file)) renameSync(file, `${file}.1`);
}

/** The last lines of a log, to show beside a failure: nobody should have to look for the cause. */
export function lastLines(file: string, count: number): readonly string[] {
  if (!existsSync(file)) return [];
  const log = openSync(file, 'r');
  try {
    const { size } = fstatSync(log);
    const tail = Buffer.alloc(Math.min(size, shownBytes));
    readSync(log, tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8').trimEnd().split('\n').slice(-count);
  } finally {
    closeSync(log);
  }
}
