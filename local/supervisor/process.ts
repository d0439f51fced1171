import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Whether a process with this number exists, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process as remembered in a file: numbers are used again, so the moment it was born belongs to it. */
export interface ProcessMark {
  readonly pid: number;
  readonly born: string;
}

/** undefined when there is no such process (any more). */
export function markOf(pid: number): ProcessMark | undefined {
  const born = existsSync('/proc/self/stat') ? bornByProc(pid) : bornByPs(pid);
  return born === undefined ? undefined : { pid, born };
}

export function isSameProcess(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.born === mark.born;
}

/** Remembers a process in a file, so that a later runner can end it if this one dies. */
export function writeMark(file: string, pid: number): void {
  const mark = markOf(pid);
  if (mark) writeFileSync(file, JSON.stringify(mark), { mode: 0o600 });
}

/** The remembered process if it still runs; a file that names a dead or another process is removed. */
export function readMark(file: string): ProcessMark | undefined {
  if (!existsSync(file)) return undefined;
  const mark = parseMark(readFileSync(file, 'utf8'));
  if (mark && isSameProcess(mark)) return mark;
  rmSync(file, { force: true });
  return undefined;
}

/** A runner that died while writing leaves half a file: nobody is known by it. */
function parseMark(text: string): ProcessMark | undefined {
  try {
    return JSON.parse(text) as ProcessMark;
  } catch {
    return undefined;
  }
}

/** Start in ticks since boot, and which boot; a zombie is dead already. The name in brackets may hold spaces. */
function bornByProc(pid: number): string | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  const fields = readOrNothing(file)
    .replace(/^.*\)\s/s, '')
    .split(' ');
  if (fields.length < 20 || fields[0] === 'Z') return undefined;
  return `${readOrNothing('/proc/sys/kernel/random/boot_id').trim()} ${fields[19]}`;
}

/** The process may end between the look and the read. */
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function bornByPs(pid: number): string | undefined {
  try {
    const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' };
    return execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], { encoding: 'utf8', env }).trim() || undefined;
  } catch {
    return undefined;
  }
}
