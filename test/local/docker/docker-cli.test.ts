import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Compose } from '../../../local/docker/compose.ts';

/** A program called docker that answers as one in trouble would; what it was asked is in `asked`. */
let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-docker-'));
  data = path.join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function dockerThat(does: string, { info = 'echo 16000000000', compose = '2.30.0' } = {}): string {
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  const file = path.join(bin, 'docker');
  writeFileSync(
    file,
    `#!/bin/sh
echo "$*" >> ${folder}/asked
case "$*" in
  info*) ${info} ;;
  "compose version --short") echo ${compose} ;;
  *" down "*) ;;
  ${does}
esac
`,
  );
  chmodSync(file, 0o755);
  return bin;
}

function local(bin: string, args: string, env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'local/run.ts', '--docker', '--data', data, ...args.split(' ').filter(Boolean)],
    { encoding: 'utf8', env: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder, ...env } },
  );
  return { status, said: stdout + stderr };
}
const asked = () => readFileSync(path.join(folder, 'asked'), 'utf8');

const failedUp = `*" up "*) echo ' Container millrace-1-pod-1  Started'; echo 'dependency failed to start: container millrace-1-init-1 exited (1)' >&2; exit 1 ;;
  *" logs "*) echo 'The volume of kafka should be empty' ;;`;

describe('npm run local -- --docker', () => {
  it.each([
    [
      'the daemon is down',
      { info: 'echo "Cannot connect to the Docker daemon" >&2; exit 1' },
      /daemon does not answer: Cannot connect.*npm run local/s,
    ],
    ['Compose is too old', { compose: '1.29.2' }, /expected 2\.24 or newer, got 1\.29\.2/],
    ['Docker has too little memory', { info: 'echo 4000000000' }, /Docker has 3\.7 GB of memory/],
  ])('says what to do when %s, and makes nothing', (_, trouble, expected) => {
    const { status, said } = local(dockerThat(failedUp, trouble), '');
    expect(said).toMatch(expected);
    expect(status).toBe(1);
    expect(existsSync(data)).toBe(false);
  });

  it('says what the container said that ended, and takes everything down', () => {
    const { status, said } = local(dockerThat(failedUp), '--once');
    expect(said).toContain('container millrace-1-init-1 exited (1)');
    expect(said).toMatch(/init said last:\n {2}The volume of kafka should be empty/);
    expect(status).toBe(1);
    expect(asked().trim().split('\n').at(-1)).toMatch(/ --profile full down --remove-orphans$/);
    expect(existsSync(path.join(data, 'lock'))).toBe(false);
  });

  it('names the images that somebody chose when the start fails', () => {
    const { said } = local(dockerThat(failedUp), '--once', { KAFKA_IMAGE: 'nowhere/kafka:0' });
    expect(said).toContain('Images that were chosen in the environment: KAFKA_IMAGE=nowhere/kafka:0.');
  });

  it('brings Airflow up where it is wanted', () => {
    local(dockerThat(failedUp), '');
    expect(asked()).toMatch(
      /compose --project-name millrace-[0-9a-f]{16} --file \S+compose\.yaml .*--profile full up --detach --remove-orphans --build\n/,
    );
  });

  it('leaves a data folder alone whose servers are on this machine', () => {
    mkdirSync(path.join(data, 'bundles'), { recursive: true });
    const { status, said } = local(dockerThat(failedUp), '');
    expect(said).toContain('belongs to a path without containers');
    expect(status).toBe(1);
    expect(asked()).not.toContain(' up ');
  });

  it('without --docker leaves a data folder alone whose servers are in containers', () => {
    mkdirSync(data);
    writeFileSync(path.join(data, 'containers.json'), '{}');
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'local/run.ts', '--once', '--source', 'sample', '--data', data],
      { encoding: 'utf8' },
    );
    expect(stderr).toContain('belongs to a path in containers');
    expect(status).toBe(1);
  });
});

describe('The logs of containers', () => {
  it('go into a file for each server', async () => {
    const bin = dockerThat(
      `*" logs "*) echo 'kafka-1          | one | two'; echo 'spark-worker-1  | three'; echo 'millrace-1 | own' ;;`,
    );
    const stop = new Compose('0123456789abcdef', { PATH: `${bin}:/usr/bin:/bin` }).followLogs((name) =>
      path.join(folder, name),
    );
    await expect.poll(() => existsSync(path.join(folder, 'spark-worker')), { timeout: 60_000 }).toBe(true);
    stop();
    expect(readFileSync(path.join(folder, 'kafka'), 'utf8')).toBe('one | two\n');
    expect(readFileSync(path.join(folder, 'spark-worker'), 'utf8')).toBe('three\n');
    expect(existsSync(path.join(folder, 'millrace'))).toBe(false);
  });
});
