import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { zipSync } from 'fflate';
import { fillOnce, folderName } from '../../../local/install/cache.ts';
import { runTool } from '../../../local/install/tool.ts';
import { type Jar, jars, jarsHash, pomFile } from './lock.ts';

export interface InstalledJars {
  /** The jars as files, in the order of the lock. */
  readonly files: readonly string[];
  /** All of them in one archive, as they lie in the artifact bucket. */
  readonly archive: string;
}

export interface JarTools {
  readonly maven: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The jars of the lock, in the cache that the local runner uses too; fetched by the user's Maven when missing. */
export async function installJars(cache: string, { maven, env }: JarTools): Promise<InstalledJars> {
  mkdirSync(cache, { recursive: true });
  const folder = path.join(cache, folderName('stream-jars', [jarsHash]));
  await fillOnce(folder, async (partial) => {
    const args = ['-B', '-ntp', '-C', '-Dstyle.color=never', '-f', pomFile, `-Dinto=${partial}`, 'package'];
    await runTool({ command: maven, args, env });
    const contents = checkedJars(path.join(partial, 'lib'), jars);
    writeFileSync(path.join(partial, archiveName), archiveOf(contents));
  });
  return {
    files: jars.map(({ name }) => path.join(folder, 'lib', name)),
    archive: path.join(folder, archiveName),
  };
}

const archiveName = 'jars.zip';

/** Reads a folder that must hold the jars of the lock, byte for byte, and nothing else. */
export function checkedJars(folder: string, lock: readonly Jar[]): ReadonlyMap<string, Uint8Array> {
  const found = readdirSync(folder).sort();
  const expected = lock.map(({ name }) => name).sort();
  if (found.join() !== expected.join()) {
    throw new Error(`jars: expected ${expected.join(', ')}, got ${found.join(', ')}; pom.xml and jars.sha256 disagree`);
  }
  return new Map(lock.map((jar) => [jar.name, checked(path.join(folder, jar.name), jar)]));
}

function checked(file: string, { name, sha256 }: Jar): Uint8Array {
  const bytes = readFileSync(file);
  const got = createHash('sha256').update(bytes).digest('hex');
  if (got === sha256) return bytes;
  rmSync(file);
  throw new Error(
    `${name}: expected sha256 ${sha256}, got ${got}; it is not the file that was locked, and was removed`,
  );
}

/** Stored, not packed: jars are packed already. Made twice, it is the same bytes. */
function archiveOf(contents: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries = [...contents].map(([name, bytes]) => [`jars/${jarsHash}/${name}`, bytes]);
  return zipSync(Object.fromEntries(entries), { level: 0, mtime: '1980-01-01T00:00:00' });
}
