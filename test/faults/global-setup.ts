import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeDatabase } from '../../local/install/postgres-host.ts';

/** A data folder for the platform that the faults strike; the tests start it, and start it again. */
export function setup(project: TestProject): () => void {
  const data = mkdtempSync(path.join(os.tmpdir(), 'millrace-faults-'));
  project.provide('data', data);
  return () => {
    const id = path.join(data, 'id');
    if (existsSync(id)) removeDatabase({ id: readFileSync(id, 'utf8').trim() });
    rmSync(data, { recursive: true, force: true });
  };
}
