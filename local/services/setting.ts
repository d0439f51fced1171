import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Credentials } from '../credentials.ts';
import type { DataFolder } from '../data-folder.ts';
import type { Installed } from '../install/install.ts';
import type { Ports } from '../ports.ts';

/**
 * Where the servers that people reach listen. In containers the machine's loopback ends at their shared network, and
 * what is published on it arrives from outside: they listen there, and are still called 127.0.0.1.
 */
export type Listen = '127.0.0.1' | '0.0.0.0';

/** What every service is made from. */
export interface Setting {
  readonly folder: DataFolder;
  readonly ports: Ports;
  readonly listen: Listen;
  readonly credentials: Credentials;
  readonly installed: Installed;
  /** Java 17. */
  readonly java: string;
}

/** Environment of every server: UTC, one language, no proxy or option of the user's shell. */
export const serverEnv = { PATH: '/usr/bin:/bin', TZ: 'UTC', LANG: 'C.UTF-8' } as const;

/** A server that is out of memory ends, and is started again, rather than limping. */
export const anyJvm = ['-Duser.timezone=UTC', '-XX:+ExitOnOutOfMemoryError'] as const;

/** Compiles lightly: starts in half the CPU time, and the two servers that use it never get hot here. */
export const lightJvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', ...anyJvm] as const;

/** Writes a configuration file that only its owner may read: most hold a password. */
export function writeConfig(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o600 });
}

/** A folder's jars as Java wants them. */
export function classPath(lib: string): string {
  return path.join(lib, '*');
}
