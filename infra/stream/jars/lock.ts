import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * What Spark loads on AWS: coordinates in pom.xml, and in jars.sha256 every file that they come to. The lock is
 * `sha256sum`'s own format:
 *
 *   lock = 1*(64HEXDIG "  " name LF)
 */
export interface Jar {
  readonly name: string;
  readonly sha256: string;
}

const here = import.meta.dirname;

export const pomFile = path.join(here, 'pom.xml');
const lockText = readFileSync(path.join(here, 'jars.sha256'), 'utf8');

export const jars: readonly Jar[] = readLock(lockText);

/** Other jars, other hash: it names their folder in the bucket, so that a running job never loses the one it reads. */
export const jarsHash = createHash('sha256').update(lockText).digest('hex').slice(0, 12);

export function readLock(text: string): readonly Jar[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line, index) => {
      const [, sha256, name] = /^([0-9a-f]{64}) {2}([\w.-]+\.jar)$/.exec(line) ?? [];
      if (sha256 !== undefined && name !== undefined) return { name, sha256 };
      throw new Error(
        `jars.sha256:${index + 1}: expected "<sha256>  <name>.jar" as sha256sum writes it, got "${line}"`,
      );
    });
}
