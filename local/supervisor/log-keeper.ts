import { copyFileSync, existsSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';

export interface LogLimits {
  /** A larger log begins anew; what it held is kept once, as `<name>.1`. */
  readonly maxBytes: number;
  /** Spark writes one log per attempt: so many of the newest stay. */
  readonly sparkLogs: number;
}

const limits: LogLimits = { maxBytes: 32 * 1024 * 1024, sparkLogs: 10 };
const everyMs = 60_000;

/** Keeps the logs of a folder from filling the disk while the platform runs for days. */
export function keepLogs(folder: string, log: (line: string) => void): { stop(): void } {
  const round = () => {
    try {
      boundLogs(folder, limits);
    } catch (error) {
      log(`logs could not be cut: ${error instanceof Error ? error.message : error}`);
    }
  };
  round();
  const timer = setInterval(round, everyMs).unref();
  return { stop: () => clearInterval(timer) };
}

/** One look at a folder of logs. */
export function boundLogs(folder: string, { maxBytes, sparkLogs }: LogLimits): void {
  if (!existsSync(folder)) return;
  const names = readdirSync(folder);
  for (const name of names.filter((one) => one.endsWith('.log'))) beginAnew(path.join(folder, name), maxBytes);
  const ofSpark = names.filter((one) => /^spark-.*\.(log|properties)$/.test(one));
  const newestFirst = ofSpark.sort((a, b) => age(folder, b) - age(folder, a));
  for (const name of newestFirst.filter((one) => one.endsWith('.log')).slice(sparkLogs)) removeSparkLog(folder, name);
}

/**
 * The writers hold their files open, so the file stays and its content goes; they append, so they go on at its new
 * start. A line written between the two calls is lost.
 */
function beginAnew(file: string, maxBytes: number): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= maxBytes) return;
  try {
    copyFileSync(file, `${file}.1`);
  } finally {
    // Even on a full disk: then the copy fails, and room is what is needed.
    truncateSync(file);
  }
}

/** `spark-<job run>-<attempt>.log`, with the job run's properties once its last log goes. */
function removeSparkLog(folder: string, name: string): void {
  for (const each of [name, `${name}.1`]) rmSync(path.join(folder, each), { force: true });
  const run = name.replace(/-\d+\.log$/, '');
  if (readdirSync(folder).some((one) => one.startsWith(`${run}-`))) return;
  rmSync(path.join(folder, `${run}.properties`), { force: true });
}

const age = (folder: string, name: string) =>
  statSync(path.join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
