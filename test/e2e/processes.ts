import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What the system tells about processes and their sockets, through /proc. */

interface Socket {
  readonly inode: string;
  readonly address: string;
}

/** Addresses on which a process or its descendants listen. */
export function listenersOf(pid: number): readonly string[] {
  const owned = new Set(descendantsOf(pid).flatMap(socketsOf));
  return listening()
    .filter(({ inode }) => owned.has(inode))
    .map(({ address }) => address);
}

/** Command lines of the processes that name a folder. */
export function processesNaming(folder: string): readonly string[] {
  return pids()
    .map(commandLine)
    .filter((line) => line.includes(folder));
}

/** Processes of the Spark driver of a data folder: Java and Python alike. */
export function driversOf(data: string): readonly number[] {
  return pids().filter((pid) => {
    const line = commandLine(pid);
    return line.includes('main.py') && line.includes(data) && !line.includes('/bin/sh');
  });
}

/** Ends processes without asking; one that ends with its parent may be gone before its turn comes. */
export function killAtOnce(found: readonly number[]): void {
  for (const pid of found) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Processes that work in a folder. */
export function processesIn(folder: string): readonly number[] {
  return pids().filter((pid) => link(`/proc/${pid}/cwd`) === folder);
}

function descendantsOf(root: number): readonly number[] {
  const parents = new Map(pids().map((pid) => [pid, Number(/^PPid:\s+(\d+)/m.exec(text(`/proc/${pid}/status`))?.[1])]));
  const found = [root];
  for (const pid of found) found.push(...[...parents].filter(([, parent]) => parent === pid).map(([child]) => child));
  return found;
}

function socketsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return entries(folder).flatMap((name) => /^socket:\[(\d+)\]$/.exec(link(`${folder}/${name}`))?.[1] ?? []);
}

/** Sockets in state LISTEN (0A) of both families, with their addresses in plain writing. */
function listening(): readonly Socket[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    text(file)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === '0A')
      .map((columns) => ({ address: plain(columns[1] ?? ''), inode: columns[9] ?? '' })),
  );
}

/** `0100007F:4A38` is 127.0.0.1:19000; IPv6 comes in four words of reversed bytes. */
function plain(hex: string): string {
  const [address = '', port = ''] = hex.split(':');
  const bytes = (address.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  const isMapped = bytes.length === 16 && bytes.slice(0, 12).join('') === '00000000000000000000FFFF';
  const numbers = bytes.slice(isMapped ? 12 : 0).map((byte) => Number.parseInt(byte, 16));
  const shown = numbers.length === 4 ? numbers.join('.') : bytes.join('').toLowerCase();
  return `${shown}:${Number.parseInt(port, 16)}`;
}

const pids = () => entries('/proc').map(Number).filter(Number.isInteger);

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // The process has ended.
  }
}

const commandLine = (pid: number) => text(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return ''; // Closed, or the process has ended.
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // The process has ended.
  }
}
