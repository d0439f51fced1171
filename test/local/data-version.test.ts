import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../local/data-folder.ts';
import { claimDataFolder, unreadable } from '../../local/data-version.ts';

let root: string;
const here = { layout: 3, postgres: '18.4', kafka: '4.1.2', cassandra: '5.0.9' };

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'millrace-version-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const mark = () => JSON.parse(readFileSync(path.join(root, 'version.json'), 'utf8'));

describe('unreadable', () => {
  it.each([
    ['takes its own', {}, undefined],
    ['takes what older servers wrote', { postgres: '18.1', kafka: '4.0.9', cassandra: '5.0.1' }, undefined],
    ['refuses another layout', { layout: 2 }, 'expected layout 3, got 2'],
    ['refuses a layout to come', { layout: 4 }, 'expected layout 3, got 4'],
    ['refuses another major version of PostgreSQL', { postgres: '17.9' }, /postgres 18\.4 .*got 17\.9/],
    ['refuses what a newer Kafka wrote', { kafka: '4.2.0' }, /kafka 4\.1\.2 .*got 4\.2\.0/],
    ['counts versions, not letters', { cassandra: '5.0.10' }, /cassandra 5\.0\.9 .*got 5\.0\.10/],
  ])('%s', (_, change, expected) => {
    const problem = unreadable({ ...here, ...change }, here);
    if (expected instanceof RegExp) expect(problem).toMatch(expected);
    else expect(problem).toBe(expected);
  });
});

describe('claimDataFolder', () => {
  it('marks a new folder, and lets the next start in', () => {
    claimDataFolder(openDataFolder(root), here);
    claimDataFolder(openDataFolder(root), { ...here, kafka: '4.1.3' });
    expect(mark()).toEqual({ ...here, kafka: '4.1.3' });
  });

  it('says what stands in the way and the ways out, and leaves the mark', () => {
    claimDataFolder(openDataFolder(root), here);
    const claim = () => claimDataFolder(openDataFolder(root), { ...here, layout: 4 });
    expect(claim).toThrow(
      /expected layout 4, got 3\. Start over with npm run reset -- --data .*, choose another .*version of Millrace/,
    );
    expect(mark()).toEqual(here);
  });

  it('refuses a folder with data from before there were marks', () => {
    mkdirSync(openDataFolder(root).data('kafka'));
    expect(() => claimDataFolder(openDataFolder(root), here)).toThrow('expected layout 3, got 1');
  });

  it('takes a mark that was half written for none', () => {
    openDataFolder(root);
    writeFileSync(path.join(root, 'version.json'), '{"lay');
    claimDataFolder(openDataFolder(root), here);
    expect(mark()).toEqual(here);
  });
});
