import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { zipSync } from 'fflate';
import { jobEntry, jobFiles, shortHash } from '../../streaming/job-version.ts';
import { jarsHash, jars as lockedJars } from './jars/lock.ts';
import { keyspacesProfile, profileFile, truststoreFile, truststorePassword } from './keyspaces-profile.ts';
import { javaTruststore, keyspacesRoots } from './truststore.ts';

/**
 * What lies in the artifact bucket for the Spark job. Every key has the hash of its content in it: what a running job was
 * started with stays where it is, because it starts again from there when it fails.
 */
export interface Artifacts {
  /** Keys of the job: its entry, and the archive of the modules that the entry imports. */
  readonly entry: string;
  readonly modules: string;
  /** Keys of what the driver of Cassandra reads. */
  readonly profile: string;
  readonly truststore: string;
  readonly jars: readonly string[];
  /** The content, but for the jars, which are fetched when they are deployed. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function artifactsOf(region: string): Artifacts {
  const files = jobFiles();
  const code = `job/${shortHash([...files].flat())}`;
  const profile = Buffer.from(keyspacesProfile(region));
  const truststore = javaTruststore(keyspacesRoots(), truststorePassword);
  const conf = `conf/${shortHash([profile, truststore])}`;
  const keys = {
    entry: `${code}/${jobEntry}`,
    modules: `${code}/modules.zip`,
    profile: `${conf}/${profileFile}`,
    truststore: `${conf}/${truststoreFile}`,
    jars: lockedJars.map(({ name }) => `jars/${jarsHash}/${name}`),
  };
  return {
    ...keys,
    files: new Map<string, Uint8Array>([
      [keys.entry, files.get(jobEntry) ?? new Uint8Array()],
      [keys.modules, modulesOf(files)],
      [keys.profile, profile],
      [keys.truststore, truststore],
    ]),
  };
}

/** One archive for --py-files: the entry is not among them. */
function modulesOf(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const modules = [...files].filter(([name]) => name !== jobEntry);
  return zipSync(Object.fromEntries(modules), { level: 0, mtime: '1980-01-01T00:00:00' });
}

/** Lays the files out as they lie in the bucket. */
export function writeArtifacts({ files }: Artifacts, folder: string): void {
  for (const [key, bytes] of files) {
    const file = path.join(folder, key);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}
