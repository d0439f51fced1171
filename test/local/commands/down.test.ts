import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { down } from '../../../local/commands/down.ts';
import { openDataFolder } from '../../../local/data-folder.ts';
import { markOf, writeMark } from '../../../local/supervisor/process.ts';

let root: string;
let children: ChildProcess[];

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'millrace-down-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function started(script: string): ChildProcess {
  const child = spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' });
  children.push(child);
  return child;
}

/** A runner that does this when it is told to end, and hears it from now on. */
async function runnerThat(script: string): Promise<number> {
  const heard = path.join(root, 'heard');
  const { pid } = started(`trap '${script}; exit' TERM; touch ${heard}; while :; do sleep 0.1; done`);
  await vi.waitUntil(() => existsSync(heard), { timeout: 20_000 });
  writeFileSync(lock(), JSON.stringify(markOf(pid as number)));
  return pid as number;
}

const lock = () => path.join(openDataFolder(root).root, 'lock');

async function said(): Promise<readonly string[]> {
  const lines: string[] = [];
  await down(root, (line) => lines.push(line));
  return lines;
}

describe('--down', () => {
  it('asks the runner to stop and waits until it has', async () => {
    const pid = await runnerThat(`sleep 0.5; rm ${lock()}`);
    expect(await said()).toEqual([`Stopping the platform on ${root} (pid ${pid}).`, 'Stopped.']);
    expect(existsSync(lock())).toBe(false);
  });

  it('waits for the runner itself, which lets go of the folder a moment before it is gone', async () => {
    const pid = await runnerThat(`rm ${lock()}; sleep 1`);
    expect((await said()).at(-1)).toBe('Stopped.');
    expect(markOf(pid)).toBeUndefined();
  });

  it.each([
    ['a folder that was never used', async () => undefined],
    ['a folder whose platform was stopped', async () => void openDataFolder(root)],
  ])('finds nothing on %s, which is as good', async (_, make) => {
    await make();
    expect(await said()).toEqual([`Nothing runs on the data folder ${root}.`]);
  });

  it('signals no process that only has the number of a runner that died', async () => {
    const other = started('sleep 60');
    writeFileSync(lock(), JSON.stringify({ pid: other.pid, born: 'long ago' }));
    expect(await said()).toEqual([`Nothing runs on the data folder ${root}.`]);
    expect([other.exitCode, other.signalCode, markOf(other.pid as number)]).toEqual([null, null, expect.anything()]);
  });

  it('ends what a killed runner left behind', async () => {
    const server = started('sleep 60');
    const ended = once(server, 'exit');
    writeMark(openDataFolder(root).pid('kafka'), server.pid as number);
    expect(await said()).toEqual(['Ended what a killed runner had left behind: kafka.', 'Stopped.']);
    await ended;
  });
});
