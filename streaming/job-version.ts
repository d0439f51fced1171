import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { manifestOf } from './manifest.ts';
import { pipelines } from './pipelines/index.ts';

/** The Spark job: main.py and the modules beside it. */
export const jobFolder = path.join(import.meta.dirname, 'job');
export const jobEntry = 'main.py';

/** Every file of the job, by name. */
export function jobFiles(): ReadonlyMap<string, Buffer> {
  const names = readdirSync(jobFolder).filter((name) => name.endsWith('.py'));
  return new Map(names.sort().map((name) => [name, readFileSync(path.join(jobFolder, name))]));
}

/**
 * Changes with the job's code, with the manifest, and with what a place adds to it (jars, settings): `supervise` then
 * starts the next generation.
 */
export function jobVersion(...more: readonly string[]): string {
  return shortHash([JSON.stringify(manifestOf(pipelines)), ...[...jobFiles()].flat(), ...more]);
}

export function shortHash(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 12);
}
