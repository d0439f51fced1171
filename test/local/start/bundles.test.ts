import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleWhenChanged } from '../../../local/start/bundles.ts';

let root: string;
let made: number;

const write = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};

const start = () =>
  bundleWhenChanged(path.join(root, 'out'), root, async () => {
    made += 1;
    mkdirSync(path.join(root, 'out'), { recursive: true });
    return [];
  });

describe('A start bundles the functions', () => {
  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'millrace-bundles-'));
    made = 0;
    for (const file of ['bundle.ts', 'package-lock.json', 'versions.ts', 'functions/a/handler.ts', 'streaming/b.ts'])
      write(file, file);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const changes: [string, () => void, number][] = [
    ['once, when nothing has changed', () => undefined, 1],
    ['once, when Python has compiled a file', () => write('streaming/job/__pycache__/b.pyc.140', 'half'), 1],
    ['again after a change of code', () => write('functions/a/handler.ts', 'changed'), 2],
    ['again after a change of a lock', () => write('package-lock.json', 'changed'), 2],
    ['again when a file has come', () => write('streaming/pipelines/c.ts', 'new'), 2],
    ['again when the bundles were removed', () => rmSync(path.join(root, 'out'), { recursive: true }), 2],
  ];
  it.each(changes)('%s', async (_, change, times) => {
    await start();
    change();
    await start();
    expect(made).toBe(times);
  });

  it('again when the last time failed', async () => {
    await start();
    write('streaming/b.ts', 'broken');
    const fails = bundleWhenChanged(path.join(root, 'out'), root, async () => {
      throw new Error('a syntax error');
    });
    await expect(fails).rejects.toThrow('a syntax error');
    write('streaming/b.ts', 'streaming/b.ts');
    await start();
    expect(made).toBe(2);
  });
});
