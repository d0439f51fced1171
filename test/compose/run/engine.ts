import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runTool } from '../../../local/install/tool.ts';
import { isSameProcess, readMark, writeMark } from '../../../local/supervisor/process.ts';
import type { Around } from './around.ts';
import { rememberFirewall } from './firewall.ts';
import { type Ask, ask, askHealth } from './health.ts';
import { troubles } from './troubles.ts';

/** What lives no longer than the machine is up. */
const running = '/run/millrace-compose';
const socket = path.join(running, 'podman.sock');
const holder = path.join(running, 'holder.json');
const serviceMark = path.join(running, 'service.json');

export interface Engine {
  /** Where Compose finds it. */
  readonly host: string;
  readonly ask: Ask;
  podman(...args: readonly string[]): Promise<void>;
  /** What the containers that are not as they should be said last. */
  troubles(): Promise<readonly string[]>;
  /** Removes containers, volumes, networks, and images too unless they are kept. */
  stop(options: { readonly keepsImages: boolean }): Promise<void>;
}

/** A podman of our own, which shares nothing with another one of this machine; it speaks Docker's API on a socket. */
export async function startEngine(store: string, { env, signal, say }: Around): Promise<Engine> {
  await takePlace();
  const restoreFirewall = rememberFirewall(path.join(running, 'firewall.json'));
  const ours = { ...env, ...writeSettings(store) };
  const podman = (...args: readonly string[]) => runTool({ command: 'podman', args, env: ours, signal });
  const quietly = (...args: readonly string[]) => runTool({ command: 'podman', args, env: ours });
  // Of a run that was killed.
  await removeContainers(quietly);
  await quietly('volume', 'prune', '--force');
  const service = await startService(ours);
  const healing = new AbortController();
  const asking = askHealth(ask(socket), healing.signal);
  return {
    host: `unix://${socket}`,
    ask: ask(socket),
    podman,
    troubles: () => troubles(ask(socket), ours),
    stop: async ({ keepsImages }) => {
      healing.abort();
      await asking;
      await removeContainers(quietly);
      await end(service);
      if (!keepsImages) await quietly('system', 'reset', '--force');
      restoreFirewall();
      release(keepsImages ? [running] : [running, store], say);
    },
  };
}

/** Of a run that was killed, the service may live on. */
async function takePlace(): Promise<void> {
  mkdirSync(running, { recursive: true, mode: 0o700 });
  const other = readMark(holder);
  if (other !== undefined)
    throw new Error(`npm run test:compose already runs here (pid ${other.pid}). Wait for it, or end it.`);
  writeMark(holder, process.pid);
  const service = readMark(serviceMark);
  if (service === undefined) return;
  process.kill(service.pid);
  while (isSameProcess(service)) await sleep(50);
}

/** The one whose network the others have goes last, which podman finds out only when they have gone. */
async function removeContainers(podman: Engine['podman']): Promise<void> {
  const all = ['rm', '--all', '--force', '--time', '0'];
  await podman(...all).catch(() => podman(...all));
}

/** What podman needs where a limit must not be raised and no systemd runs. */
function writeSettings(store: string): NodeJS.ProcessEnv {
  const containers = `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
runtime = "runc"
static_dir = "${store}/libpod"
tmp_dir = "${running}/libpod"
volume_path = "${store}/volumes"
[network]
network_backend = "netavark"
network_config_dir = "${store}/networks"
`;
  const storage = `[storage]
driver = "overlay"
graphroot = "${store}"
runroot = "${running}/storage"
`;
  const file = (name: string) => path.join(running, name);
  writeFileSync(file('containers.conf'), containers);
  writeFileSync(file('storage.conf'), storage);
  return { CONTAINERS_CONF: file('containers.conf'), CONTAINERS_STORAGE_CONF: file('storage.conf') };
}

/** In a group of its own: Ctrl-C in the terminal is not for it, which is needed to clean up. */
async function startService(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  rmSync(socket, { force: true });
  const service = spawn('podman', ['system', 'service', '--time', '0', `unix://${socket}`], {
    ...{ env, detached: true, stdio: 'ignore' },
  });
  for (let tries = 100; !existsSync(socket); tries--) {
    if (tries === 0 || service.exitCode !== null) throw new Error('podman system service: expected a socket, got none');
    await sleep(100);
  }
  writeMark(serviceMark, service.pid as number);
  return service;
}

async function end(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null) return;
  const ended = once(service, 'exit');
  service.kill();
  await ended;
}

/** podman mounts its own folders on themselves. */
function release(folders: readonly string[], say: (line: string) => void): void {
  const mounts = execFileSync('findmnt', ['--noheadings', '--list', '--output', 'TARGET'], { encoding: 'utf8' });
  const inside = (target: string) => folders.some((folder) => target.startsWith(`${folder}/`));
  for (const target of mounts.split('\n').filter(inside).reverse()) execFileSync('umount', [target]);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  say(`Removed ${folders.join(' and ')}`);
}
