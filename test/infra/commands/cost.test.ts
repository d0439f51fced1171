import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Bill } from '../../../infra/cost/bill.ts';

const root = path.join(import.meta.dirname, '../../..');

function cost(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'cost', '--', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('npm run cost', { timeout: 300_000 }, () => {
  it('prints the bill of a stage', () => {
    const { status, stdout } = cost('--stage', 'full');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^full: [\d.]+ USD a month/m);
  });

  it('answers programs in JSON, for another volume and another setting', () => {
    const { stdout } = cost(
      '--stage',
      'dev',
      '--json',
      '--rate',
      'random-users=7',
      '--bytes',
      '900',
      '-c',
      'topic.brokers=4',
    );
    const bill = JSON.parse(stdout) as Bill;
    expect(bill.volumes[0]).toMatchObject({ pipeline: 'random-users', recordsPerMinute: 7, bytes: 900 });
    expect(bill.lines.map(({ what }) => what)).toContain('Kafka, 4 x kafka.t3.small');
  });

  it.each([
    [[], '--stage'],
    [['--stage', 'test'], 'Allowed choices are dev, full, prod'],
    [['--stage', 'dev', '-c', 'topic.colour=red'], '-c topic.colour: expected one of'],
    [['--stage', 'dev', '--rate', 'nobody=1'], 'expected one of random-users, earthquakes, got nobody'],
    [['--stage', 'dev', '--bytes', 'many'], 'expected a number, got many'],
  ])('%j is refused with what is meant', (args, told) => {
    const { status, stderr } = cost(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(told);
  });
});
