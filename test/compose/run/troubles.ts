import { spawnSync } from 'node:child_process';
import type { Ask } from './health.ts';

interface Container {
  readonly Names: readonly string[];
  readonly Status: string;
  readonly State: string;
  readonly ExitCode: number;
}

export async function troubles(ask: Ask, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const containers = await ask<readonly Container[]>('containers/json?all=true');
  return containers.filter(isInTrouble).flatMap(({ Names: [name = ''], State, Status }) => {
    const { stdout, stderr } = spawnSync('podman', ['logs', '--tail', '20', name], { encoding: 'utf8', env });
    const lines = `${stdout}${stderr}`.trimEnd().split('\n');
    return [`${name} (${State} ${Status}) said last:`, ...lines.map((line) => `  ${line}`)];
  });
}

function isInTrouble({ State, ExitCode, Status }: Container): boolean {
  return State === 'running' ? Status === 'unhealthy' || Status === 'starting' : ExitCode !== 0;
}
