import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endLeftovers } from '../../local/commands/leftovers.ts';
import { loadCredentials } from '../../local/credentials.ts';
import { lockDataFolder, openDataFolder } from '../../local/data-folder.ts';
import { withDiskProblem } from '../../local/disk.ts';
import { folderName } from '../../local/install/cache.ts';
import { allComponents, components } from '../../local/install/components.ts';
import { damagedFile, noteContents } from '../../local/install/contents.ts';
import { install, missingComponents, removeDamaged } from '../../local/install/install.ts';
import { postgresHost } from '../../local/install/postgres-host.ts';
import { portsFrom } from '../../local/ports.ts';
import { checkPrerequisites, formatPrerequisites } from '../../local/prerequisites.ts';
import { postgres } from '../../local/services/postgres.ts';
import { registry } from '../../local/services/registry.ts';
import type { Setting } from '../../local/services/setting.ts';
import { isAlive, markOf } from '../../local/supervisor/process.ts';
import { startServices } from '../../local/supervisor/supervisor.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'millrace-bad-input-'));
});
afterEach(() => {
  spawnSync('umount', ['-q', '-l', path.join(root, 'small')]);
  rmSync(root, { recursive: true, force: true });
});

/** A disk of so many megabytes; undefined where this user may not mount one. */
function smallDisk(megabytes: number): string | undefined {
  const folder = path.join(root, 'small');
  mkdirSync(folder);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder]);
  return status === 0 ? folder : undefined;
}

/** A Maven that does what the test says. */
function maven(script: string): string {
  const file = path.join(root, 'mvn');
  writeFileSync(
    file,
    `#!/bin/sh\nfor last; do case $last in -Dinto=*) into=\${last#-Dinto=};; esac; done\n${script}\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

const tools = (command: string, signal?: AbortSignal) => ({
  maven: command,
  python: '/bin/true',
  pythonVersion: '3.11',
  env: { PATH: process.env['PATH'] },
  ...(signal && { signal }),
});

const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing was wrong',
    (error: Error) => error.message,
  );

describe('A full disk', { timeout: 120_000 }, () => {
  it('is named when an installation fails on it, with the ways out', async ({ skip }) => {
    const cache = smallDisk(2) ?? skip('this user may not mount a small disk');
    const writing = maven('head -c 9000000 /dev/zero > "$into/a.jar"');
    const message = await messageOf(install({ cache, tools: tools(writing) }));
    expect(message).toMatch(/^The disk of .*small is full: \d MB free, at least 100 MB are needed\..*MILLRACE_CACHE/);
    expect(message).toContain('Apache Kafka could not be installed');
    expect(readdirSync(cache)).toEqual([]);
  });

  it('is named when a server cannot write any more', async ({ skip }) => {
    const disk = smallDisk(2) ?? skip('this user may not mount a small disk');
    const services = [
      {
        ...{ name: 'landing', dependsOn: [], command: '/bin/sh', env: { PATH: '/usr/bin:/bin' }, cwd: disk },
        args: ['-c', 'head -c 9000000 /dev/zero > data'],
        ...{ logFile: path.join(disk, 'landing.log'), pidFile: path.join(root, 'landing.pid') },
        ...({ startSeconds: 60, stopSignal: 'SIGTERM', stopSeconds: 1 } as const),
        prepare: async () => undefined,
        health: () => Promise.reject(new Error('not up')),
      },
    ];
    const message = await messageOf(startServices(services, { onEvent: () => undefined }));
    // Its own words had no room in the log.
    expect(message).toMatch(/^The disk of .*small is full.*\nlanding is down: it ended with 1\./);
  });

  it('is named when PostgreSQL has no room for its database', async ({ skip }) => {
    const disk = smallDisk(20) ?? skip('this user may not mount a small disk');
    const folder = openDataFolder(path.join(root, 'data'));
    const credentials = loadCredentials(folder.credentials);
    const host = await postgresHost({ ...folder, data: () => disk }, process.getuid?.());
    chmodSync(root, 0o755);
    chmodSync(disk, 0o777);
    const setting = { folder, credentials, ports: portsFrom(26_950) } as Setting;
    try {
      const starting = startServices([postgres(setting, { ...host, home: disk })], { onEvent: () => undefined });
      const error = await starting.catch((one: Error) => one);
      const { message } = withDiskProblem(error, [disk]) as Error;
      expect(message).toMatch(/^The disk of .*small is full/);
      expect(message).toContain('No space left on device');
      expect(existsSync(path.join(disk, 'db'))).toBe(false);
    } finally {
      if (host.home !== disk) rmSync(host.home, { recursive: true, force: true });
    }
  });
});

describe('A damaged cache', () => {
  let folder: string;

  beforeEach(() => {
    for (const { name, lock } of allComponents) {
      mkdirSync(path.join(root, folderName(name, lock(tools(''))), 'bin'), { recursive: true });
    }
    folder = path.join(root, readdirSync(root).find((name) => name.startsWith('kafka-')) as string);
    for (const venv of ['stream-', 'airflow-']) {
      const name = readdirSync(root).find((one) => one.startsWith(venv)) as string;
      writeFileSync(path.join(root, name, 'bin', 'python'), '');
    }
    writeFileSync(path.join(folder, 'kafka.jar'), 'a whole jar');
    noteContents(folder);
  });

  const missing = () => missingComponents({ cache: root, tools: tools('') }).map(({ name }) => name);

  it('is none while every file is as it was installed', () => {
    expect(missing()).toEqual([]);
    expect(removeDamaged({ cache: root, tools: tools('') })).toEqual([]);
  });

  it.each([
    ['was cut off', () => truncateSync(path.join(folder, 'kafka.jar'), 3)],
    ['has gone', () => rmSync(path.join(folder, 'kafka.jar'))],
    ['grew', () => appendFileSync(path.join(folder, 'kafka.jar'), '!')],
  ])('is seen at the next start, which installs anew, when a file %s', (_, damage) => {
    damage();
    expect(missing()).toEqual(['kafka']);
  });

  it('is told and repaired when a start failed because a byte changed', () => {
    writeFileSync(path.join(folder, 'kafka.jar'), 'a whole jat');
    expect(missing()).toEqual([]);
    const [problem] = removeDamaged({ cache: root, tools: tools('') });
    expect(problem).toMatch(/^Apache Kafka was damaged in the cache \(.*kafka\.jar is not as it was installed\)\.$/);
    expect(missing()).toEqual(['kafka']);
  });

  it('is told and repaired in the virtual environments too', () => {
    for (const venv of ['stream-', 'airflow-']) {
      const of = path.join(root, readdirSync(root).find((name) => name.startsWith(venv)) as string);
      writeFileSync(path.join(of, 'package.py'), 'whole');
      noteContents(of);
      writeFileSync(path.join(of, 'package.py'), 'wrong');
    }
    expect(removeDamaged({ cache: root, tools: tools('') })).toEqual([
      expect.stringMatching(/^PySpark in a virtual environment was damaged/),
      expect.stringMatching(/^Apache Airflow in a virtual environment was damaged/),
    ]);
    expect(missing()).toEqual(['stream', 'airflow']);
  });

  it('is not suspected in what was installed before lists were kept', () => {
    rmSync(path.join(folder, 'contents.json'));
    expect(damagedFile(folder, { thorough: true })).toBeUndefined();
  });
});

describe('A start that is interrupted', { timeout: 120_000 }, () => {
  it('ends the tool that installs, and leaves nothing half done', async () => {
    const cache = path.join(root, 'cache');
    const slow = maven('echo $$ > "$into/../../pid"; exec sleep 60');
    const stopping = new AbortController();
    const message = messageOf(install({ cache, tools: tools(slow, stopping.signal) }));
    const file = path.join(root, 'pid');
    while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(20);
    stopping.abort();
    expect(await message).toContain('Apache Kafka could not be installed');
    expect(isAlive(Number(readFileSync(file, 'utf8')))).toBe(false);
    expect(readdirSync(cache)).toEqual([]);
  });

  it('goes on after a runner that was killed in the middle of an installation', async () => {
    const cache = path.join(root, 'cache');
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const name = folderName('kafka', (components[0] as (typeof components)[0]).lock(tools('')));
    mkdirSync(path.join(cache, `${name}.partial-${dead}`), { recursive: true });
    const ending = maven('echo whole > "$into/kafka.jar"; rm "$0"');
    await messageOf(install({ cache, tools: tools(ending) }));
    expect(readdirSync(cache)).toContain(name);
    expect(readdirSync(cache).filter((entry) => entry.includes('partial'))).toEqual([]);
  });
});

describe('A wrong Java', () => {
  const check = (says: string) => {
    writeFileSync(path.join(root, 'java'), `#!/bin/sh\necho 'openjdk version "${says}" 2025-04-15' >&2\n`);
    chmodSync(path.join(root, 'java'), 0o755);
    const env = { PATH: `${root}:/bin`, JAVA_HOME: '/nowhere' };
    return checkPrerequisites({ env, folders: [root] }, '/nowhere');
  };

  it.each(['21.0.2', '11.0.20', '1.8.0_392'])(
    'of version %s is named, with what is needed and how to get it',
    (version) => {
      const found = check(version);
      expect(found.programs).toBeUndefined();
      expect(formatPrerequisites(found, [])).toMatch(
        new RegExp(
          `MISSING Java +found ${version.split('_')[0]} \\(java\\), needed 17 .*\\n.*openjdk-17-jre-headless.*JAVA_HOME`,
        ),
      );
    },
  );

  it('is not the right one', () => {
    expect(check('17.0.15').all.find(({ name }) => name === 'Java')?.ok).toBe(true);
  });
});

describe('A registry that does not come up', { timeout: 120_000 }, () => {
  it('is named with the end of its log, and nothing is left running', async () => {
    const folder = openDataFolder(path.join(root, 'data'));
    const setting = { folder, ports: portsFrom(26_960), installed: { registry: '/nowhere.jar' }, java: 'java' };
    const message = await messageOf(startServices([registry(setting as Setting)], { onEvent: () => undefined }));
    expect(message).toMatch(
      /registry is down: it ended with 1\. The end of .*registry\.log:\n.*Unable to access jarfile/,
    );
    expect(existsSync(folder.pid('registry'))).toBe(false);
  });
});

describe('A runner that was killed', { timeout: 120_000 }, () => {
  it('leaves a lock that the next one takes over, and servers that the next one ends', async () => {
    const folder = openDataFolder(path.join(root, 'data'));
    const left = spawn('sleep', ['60'], { detached: true });
    const module = (name: string) => JSON.stringify(path.join(import.meta.dirname, '..', '..', 'local', name));
    const program = `
      import { lockDataFolder, openDataFolder } from ${module('data-folder.ts')};
      import { writeMark } from ${module('supervisor/process.ts')};
      const folder = openDataFolder(${JSON.stringify(folder.root)});
      lockDataFolder(folder);
      writeMark(folder.pid('landing'), ${left.pid});
      process.kill(process.pid, 'SIGKILL');`;
    const { signal } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
    expect(signal).toBe('SIGKILL');
    expect(existsSync(path.join(folder.root, 'lock'))).toBe(true);
    lockDataFolder(folder)();
    expect(await endLeftovers(folder.root)).toEqual(['landing']);
    expect(markOf(left.pid as number)).toBeUndefined();
  });
});
