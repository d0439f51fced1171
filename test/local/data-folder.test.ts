import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  lockDataFolder,
  noteSchedule,
  openDataFolder,
  readPlatform,
  removePlatform,
  runnerOf,
  writePlatform,
} from '../../local/data-folder.ts';
import { portsFrom } from '../../local/ports.ts';
import { markOf } from '../../local/supervisor/process.ts';

let root: string;
const up = {
  ports: portsFrom(19_100),
  endpoints: {},
  kafkaTools: { command: ['java'], loginFile: 'reader.properties' },
  scheduled: [],
};

beforeEach(() => {
  root = path.join(mkdtempSync(path.join(os.tmpdir(), 'millrace-data-')), '.millrace');
});
afterEach(() => rmSync(path.dirname(root), { recursive: true, force: true }));

describe('openDataFolder', () => {
  it('keeps other users out', () => {
    openDataFolder(root);
    expect(statSync(root).mode & 0o777).toBe(0o700);
  });

  it('keeps its id from start to start', () => {
    expect(openDataFolder(root).id).toBe(openDataFolder(root).id);
  });
});

describe('lockDataFolder', () => {
  it('keeps a second runner out and says which one is in', () => {
    lockDataFolder(openDataFolder(root));
    expect(() => lockDataFolder(openDataFolder(root))).toThrow(
      new RegExp(`in use by another runner \\(pid ${process.pid}\\)`),
    );
  });

  it('lets the next one in after the first has gone', () => {
    lockDataFolder(openDataFolder(root))();
    lockDataFolder(openDataFolder(root))();
    expect(existsSync(path.join(root, 'lock'))).toBe(false);
  });

  it.each([
    ['a runner that died', async () => JSON.stringify(await deadMark())],
    [
      'a process that got the number of a dead runner',
      async () => JSON.stringify({ pid: process.pid, born: 'long ago' }),
    ],
    ['a runner that died while writing', async () => '{"pid": 1'],
    ['a runner that died before writing', async () => ''],
  ])('takes the folder over from %s', async (_, lock) => {
    openDataFolder(root);
    writeFileSync(path.join(root, 'lock'), await lock());
    lockDataFolder(openDataFolder(root));
    expect(JSON.parse(readFileSync(path.join(root, 'lock'), 'utf8'))).toEqual(markOf(process.pid));
    expect(readdirSync(root).filter((name) => name.includes('stale'))).toEqual([]);
  });
});

describe('runnerOf', () => {
  it('knows who holds the folder, and since when, until it is given back', () => {
    const unlock = lockDataFolder(openDataFolder(root));
    expect(runnerOf(root)).toEqual({ ...markOf(process.pid), since: expect.any(Date) });
    unlock();
    expect(runnerOf(root)).toBeUndefined();
  });

  it.each([
    ['a runner that died', async () => JSON.stringify(await deadMark())],
    ['a process that got its number', async () => JSON.stringify({ pid: process.pid, born: 'long ago' })],
    ['half a lock', async () => '{"pid": 1'],
  ])('believes no lock of %s', async (_, lock) => {
    openDataFolder(root);
    writeFileSync(path.join(root, 'lock'), await lock());
    expect(runnerOf(root)).toBeUndefined();
  });
});

describe('readPlatform', () => {
  it('answers what the runner wrote', () => {
    writePlatform(openDataFolder(root), up);
    expect(readPlatform(root)).toEqual({ runner: markOf(process.pid), ...up });
  });

  it('knows the pipelines that were put on schedule since', () => {
    const folder = openDataFolder(root);
    noteSchedule(folder, ['random-users']);
    expect(readPlatform(root)).toBeUndefined();
    writePlatform(folder, up);
    noteSchedule(folder, ['random-users']);
    expect(readPlatform(root)).toMatchObject({ ...up, scheduled: ['random-users'] });
  });

  it('answers undefined when nothing runs', () => {
    const folder = openDataFolder(root);
    writePlatform(folder, up);
    removePlatform(folder);
    expect(readPlatform(root)).toBeUndefined();
  });

  it('does not believe a runner that died without a word', async () => {
    const folder = openDataFolder(root);
    writeFileSync(folder.platform, JSON.stringify({ runner: await deadMark(), ...up }));
    expect(readPlatform(root)).toBeUndefined();
  });
});

async function deadMark() {
  const child = spawn('sleep', ['60']);
  const mark = markOf(child.pid as number);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return mark;
}
