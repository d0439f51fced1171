import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { runTool } from '../../../local/install/tool.ts';
import type { Around } from './around.ts';

/** Its packages are those of the images: the stand-ins are made from the machine's own apt source. */
const needed = 'Debian GNU/Linux 12 (bookworm)';

const packages = [
  ...['podman', 'runc', 'netavark', 'aardvark-dns', 'catatonit', 'conmon'],
  ...['ca-certificates', 'debootstrap', 'iptables', 'util-linux'],
];

/** Throws, saying all that is missing and how to get it; apt's packages are installed when that is wished. */
export async function requireMachine(isToInstall: boolean, { say, env, signal }: Around): Promise<void> {
  const problems = [rootProblem(), systemProblem(), goProblem()].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const args = ['install', '--yes', '--no-install-recommends', ...missing];
  if (!isToInstall) {
    throw new Error(
      `Not installed: ${missing.join(', ')}. Install them, or say --install: apt-get update && apt-get ${args.join(' ')}`,
    );
  }
  say(`Installing ${missing.join(', ')}`);
  await runTool({ command: 'apt-get', args: ['update'], env, signal });
  await runTool({ command: 'apt-get', args, env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, signal });
}

/** Where this machine gets bookworm's packages from. */
export function aptSource(): string {
  const format = '$(REPO_URI) $(CODENAME) $(COMPONENT)';
  const { stdout } = spawnSync('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], {
    encoding: 'utf8',
  });
  const found = stdout.split('\n').find((line) => line.endsWith(' bookworm main'));
  if (found === undefined)
    throw new Error(`apt: expected a source of bookworm main in /etc/apt, got:\n${stdout || 'none'}`);
  return found.split(' ')[0] as string;
}

function rootProblem(): string | undefined {
  if (process.getuid?.() === 0) return undefined;
  return 'Containers without Docker are started by root here, as debootstrap is. Run as root: sudo npm run test:compose';
}

function systemProblem(): string | undefined {
  const name = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  return name === needed ? undefined : `System: expected ${needed}, got ${name ?? 'another'}. Run it there.`;
}

function goProblem(): string | undefined {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  const [, minor] = /go1\.(\d+)/.exec(stdout ?? '') ?? [];
  if (Number(minor) >= 26) return undefined;
  return `Go: expected 1.26 or newer, which builds Docker Compose, got ${stdout?.trim() || 'none'}. Install it from https://go.dev/dl.`;
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync('dpkg', ['--status', name], { encoding: 'utf8' });
  return stdout.includes('Status: install ok installed');
}
