import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { versions } from '../versions.ts';
import { type DataFolder, readJson } from './data-folder.ts';

/** Who wrote a data folder: what later code must know before it lets its servers read it. */
export interface DataVersion {
  /** Rises when older folders cannot be used any more, such as when the servers' users change. */
  readonly layout: number;
  readonly postgres: string;
  readonly kafka: string;
  readonly cassandra: string;
}

const servers = ['postgres', 'kafka', 'cassandra'] as const;

export const dataVersion: DataVersion = {
  layout: 2,
  postgres: versions.postgres,
  kafka: versions.kafka,
  cassandra: versions.cassandra,
};

/** Marks a new data folder with these versions; refuses one that they cannot read, before any server touches it. */
export function claimDataFolder(folder: DataFolder, here: DataVersion = dataVersion): void {
  const file = path.join(folder.root, 'version.json');
  const found = readJson<DataVersion>(file) ?? (isFilled(folder) ? { ...here, layout: 1 } : here);
  const problem = unreadable(found, here);
  if (problem !== undefined) {
    throw new Error(
      `The data folder ${folder.root} cannot be used: ${problem}. Start over with npm run reset -- --data ${folder.root}, choose another with --data DIR, or use the version of Millrace that wrote it.`,
    );
  }
  writeFileSync(file, `${JSON.stringify(here)}\n`, { mode: 0o600 });
}

/** Why servers of `here` cannot go on with what those of `found` wrote; undefined when they can. */
export function unreadable(found: DataVersion, here: DataVersion): string | undefined {
  if (found.layout !== here.layout) return `expected layout ${here.layout}, got ${found.layout}`;
  if (major(found.postgres) !== major(here.postgres)) return differs('postgres', found, here);
  const newer = servers.find((name) => isNewer(found[name], here[name]));
  return newer && differs(newer, found, here);
}

const differs = (name: (typeof servers)[number], found: DataVersion, here: DataVersion) =>
  `expected data of ${name} ${here[name]} or what it can read, got ${found[name]}`;

const major = (version: string) => version.split('.')[0];

function isNewer(found: string, here: string): boolean {
  return found.localeCompare(here, 'en', { numeric: true }) > 0;
}

/** Before there was a mark, Kafka's folder was among the first to be made. */
function isFilled(folder: DataFolder): boolean {
  return existsSync(folder.data('kafka'));
}
