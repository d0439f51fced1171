import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { components } from '../../local/install/components.ts';
import { checkPrerequisites, formatPrerequisites } from '../../local/prerequisites.ts';

let bin: string;

beforeEach(() => {
  bin = mkdtempSync(path.join(os.tmpdir(), 'millrace-bin-'));
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

function program(name: string, says: string, exit = 0): void {
  writeFileSync(path.join(bin, name), `#!/bin/sh\n/bin/echo '${says}'\nexit ${exit}\n`);
  chmodSync(path.join(bin, name), 0o755);
}

const check = () => checkPrerequisites({ env: { PATH: bin }, folders: [bin] });
const found = (name: string) => check().all.find((one) => one.name === name);

describe('checkPrerequisites', () => {
  it('finds what this machine has', () => {
    const { all, programs } = checkPrerequisites({ env: process.env, folders: [bin] });
    expect(all.filter(({ ok }) => !ok)).toEqual([]);
    expect(programs?.pythonVersion).toMatch(/^3\.1[12]$/);
  });

  it.each([
    ['Apache Maven 3.9.9', true],
    ['Apache Maven 3.6.3', true],
    ['Apache Maven 3.6.0', false],
    ['Apache Maven 4.0.0', true],
  ])('judges %s', (says, ok) => {
    program('mvn', says);
    expect(found('Maven')?.ok).toBe(ok);
  });

  it('takes the newest Python that runs, past a shim that does not', () => {
    program('python3.12', '3.12', 127);
    program('python3.11', '3.11');
    program('python3', '3.9');
    program('mvn', 'Apache Maven 3.9.9');
    program('java', 'openjdk version "17.0.15" 2025-04-15');
    expect(check().programs).toEqual({ java: 'java', maven: 'mvn', python: 'python3.11', pythonVersion: '3.11' });
  });

  it('says what was found, what is needed and how to get it', () => {
    program('python3', '3.14');
    expect(found('Python')).toMatchObject({ ok: false, found: '3.14 (python3)', needed: '3.11 or 3.12 with venv' });
    const text = formatPrerequisites(check(), []);
    expect(text).toMatch(/MISSING Python .*found 3\.14 \(python3\), needed 3\.11 or 3\.12/);
    expect(text).toContain('apt install python3 python3-venv');
  });

  it('gives no programs while one is missing', () => {
    expect(check().programs).toBeUndefined();
  });
});

describe('formatPrerequisites', () => {
  it('lists what will be downloaded', () => {
    const text = formatPrerequisites(check(), components);
    expect(text).toContain('Will be downloaded once, about 592 MB:');
    expect(text).toContain(' 142 MB  Apicurio Registry');
  });

  it.each([
    ['linux', false],
    ['darwin', true],
  ] as const)('on %s says whether it was tried there', (platform, expected) => {
    expect(formatPrerequisites(check(), [], platform).includes('nobody has run it there yet')).toBe(expected);
  });

  it('says so when nothing will be', () => {
    expect(formatPrerequisites(check(), [])).toContain('Nothing will be downloaded.');
  });
});
