import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { cacheFolder } from '../../local/install/cache.ts';
import { removeDatabase } from '../../local/install/postgres-host.ts';
import { checkPrerequisites, formatPrerequisites } from '../../local/prerequisites.ts';
import { printedProgress } from '../../local/start/progress.ts';
import { type RunningPath, startPath } from '../../local/start/start.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Data folder of the platform that runs for the tests. */
    data: string;
  }
}

const portBase = 23_100;

/**
 * One real platform for all tests of the path: started before them, stopped after them, its data removed. Or one that
 * somebody else started, by its data folder: MILLRACE_E2E_DATA.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['MILLRACE_E2E_DATA'];
  if (given) {
    project.provide('data', given);
    return async () => undefined;
  }
  const { up, data } = await start();
  project.provide('data', data);
  return () => stopAll(up, data);
}

async function start(): Promise<{ up: RunningPath; data: string }> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'millrace-e2e-'));
  const found = checkPrerequisites({
    env: process.env,
    folders: [cacheFolder(process.env, process.platform, os.homedir()), data],
  });
  if (found.programs === undefined) throw new Error(formatPrerequisites(found, []));
  const say = (line: string) => console.log(line);
  const up = await startPath({
    data,
    portBase,
    source: 'sample',
    programs: found.programs,
    spark: { 'spark.millrace.plans': path.join(data, 'plans.txt') },
    env: process.env,
    home: os.homedir(),
    progress: printedProgress(say, say),
    signal: AbortSignal.timeout(1_800_000),
  });
  return { up, data };
}

async function stopAll(up: RunningPath, data: string): Promise<void> {
  await up.stop();
  removeDatabase(up.folder);
  rmSync(data, { recursive: true, force: true });
}
