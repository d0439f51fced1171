import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../../local/install/cache.ts';
import { Rehearsal, root } from './rehearsal.ts';

const steps = ['synth', 'LocalStack', 'bootstrap', 'deploy', 'diff', 'ask', 'destroy', 'look'];
const page = readFileSync(path.join(root, 'docs/deploy.md'), 'utf8');
const commands = [...page.matchAll(/^npm run rehearse -- (.+)$/gm)].map(([, args]) => args as string);

describe('npm run rehearse', { timeout: 600_000 }, () => {
  const temporary = mkdtempSync(path.join(os.tmpdir(), 'millrace-rehearse-test-'));
  const env = { TMPDIR: temporary, MILLRACE_CACHE: cacheFolder(process.env, process.platform, os.homedir()) };
  let shell: Rehearsal;

  beforeAll(async () => {
    shell = await Rehearsal.start();
  });
  afterAll(async () => {
    await shell.stop();
    rmSync(temporary, { recursive: true });
  });

  /** Neither files nor a process: each has the folder in its environment. */
  function expectNothingLeft(): void {
    const leftovers = readdirSync(temporary).filter((name) => name.startsWith('millrace-rehearse'));
    expect(leftovers).toEqual([]);
    // Only whether: the environment of every process stands there.
    const { stdout } = spawnSync('ps', ['eww', '-eo', 'args'], { encoding: 'utf8' });
    expect(stdout.includes(`${temporary}/`)).toBe(false);
  }

  it.each(commands)('-- %s goes from synth to nothing left, and says what it has not rehearsed', async (args) => {
    const { code, stdout, stderr } = await shell.runAs('rehearse', args.split(' '), { env });
    expect(code, stdout + stderr).toBe(0);
    expect([...stdout.matchAll(/^ok {2}(\w+) +\d+\.\d s$/gm)].map(([, step]) => step)).toEqual(steps);
    expect(stdout).toContain('     1  AWS::S3::Bucket\n');
    expect(stdout).toContain('millrace-dev-observe Told4D226AF3, KmsMasterKeyId: refers to Key');
    const [, counts = 'no counts'] = /Not rehearsed, (\d+ resources of \d+ types):\n.*AWS::/s.exec(stdout) ?? [];
    expect(page).toContain(counts);
    // The shell is at a played AWS, which must not have been asked.
    expect(shell.aws.asked).toEqual([]);
    expectNothingLeft();
  });

  it('answers programs in JSON, and nothing else on its standard output; another stage has more', async () => {
    const { code, stdout, stderr } = await shell.runAs('rehearse', ['--stage', 'prod', '--json'], { env });
    expect(code, stderr).toBe(0);
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ stage: 'prod', rehearsed: { 'AWS::S3::Bucket': 2 } });
    expect(Object.keys(answer.seconds)).toEqual(steps);
    expect(answer.notRehearsed['AWS::MSK::Cluster']).toBe(1);
  });

  it('ends LocalStack and removes its folder at Ctrl-C', async () => {
    const { code, stderr } = await shell.runAs('rehearse', [], { env, interruptAt: /^ok {2}LocalStack/m });
    expect(code).toBe(130);
    expect(stderr).toContain('Interrupted.');
    expectNothingLeft();
  });

  it('says which Python it needs, where there is none', async () => {
    const { code, stderr } = await shell.runAs('rehearse', [], { env: { ...env, PATH: temporary } });
    expect(code).toBe(1);
    expect(stderr).toContain('Python: expected 3.11 or 3.12 with venv, got none.');
  });

  it('says what it does when asked', async () => {
    const { code, stdout } = await shell.runAs('rehearse', ['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/--stage <stage>.*default: "dev"/s);
  });
});
