import { createRequire } from 'node:module';
import path from 'node:path';
import { runTool } from '../../../local/install/tool.ts';
import type { Around } from './around.ts';
import type { Containers } from './containers.ts';
import type { Ask } from './health.ts';

const checkout = path.join(import.meta.dirname, '../../..');

/** The tests of the path, in its network: their source must be reachable from the functions. */
export async function pathTests(up: Containers, { env, signal, say }: Around): Promise<void> {
  const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const network = ['--target', String(await up.pidOf('pod')), '--net'];
  const args = [...network, process.execPath, vitest, 'run', '--project', 'e2e', 'test/e2e/path.test.ts'];
  const onLine = (line: string) => {
    if (/^\s+(✓|×)|^20,000 records|Tests {2}/.test(line)) say(`    ${line.trim()}`);
  };
  await runTool({
    ...{ command: 'nsenter', args, cwd: checkout, signal, onLine },
    env: { ...env, NO_COLOR: '1', MILLRACE_E2E_DATA: up.data },
  });
}

/** A broker that is killed comes back with all it had, and the path goes on; asked from outside, through published ports. */
export async function killedKafka(up: Containers, { env, signal, say }: Around): Promise<void> {
  await up.compose('kill', 'kafka');
  await up.start('start', 'kafka');
  const once = ['--once', '--records', '500', '--data', up.data, '--source', 'sample'];
  const onLine = (line: string) => {
    if (line.includes('balanced')) say(`    ${line.trim()}`);
  };
  const args = ['--import', 'tsx', 'local/run.ts', ...once];
  await runTool({ command: process.execPath, args, cwd: checkout, env, signal, onLine });
}

/** Throws when Compose's `down --volumes` left something. */
export async function nothingLeft(up: Containers, ask: Ask): Promise<void> {
  await up.down();
  const names = async (what: string, of: string) =>
    (await ask<readonly Record<string, unknown>[]>(what)).map((one) => String(one[of]));
  const left = {
    containers: await names('containers/json?all=true', 'Names'),
    volumes: await names('volumes/json', 'Name'),
    // podman's own, which is always there.
    networks: (await names('networks/json', 'name')).filter((name) => name !== 'podman'),
  };
  const found = Object.entries(left).flatMap(([kind, all]) => (all.length > 0 ? [`${kind} ${all.join(', ')}`] : []));
  if (found.length > 0) throw new Error(`down --volumes: expected nothing left, got ${found.join('; ')}`);
}
