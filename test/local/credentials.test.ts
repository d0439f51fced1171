import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rolesOn } from '../../functions/roles.ts';
import { loadCredentials } from '../../local/credentials.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-credentials-'));
  file = path.join(folder, 'credentials.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function secretsIn(text: string): string[] {
  return [...text.matchAll(/"(?:password|secretAccessKey)": "([^"]+)"/g)].map((match) => match[1] as string);
}

describe('loadCredentials', () => {
  it('makes a file that only its owner may read, whatever the umask', () => {
    const before = process.umask(0);
    try {
      loadCredentials(file);
    } finally {
      process.umask(before);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('gives every login a secret of its own, 256 bits long', () => {
    loadCredentials(file);
    const secrets = secretsIn(readFileSync(file, 'utf8'));
    // Three administrators, the roles on their servers, the key pair of the AWS endpoints.
    const logins = 3 + rolesOn('postgres').length + rolesOn('kafka').length + rolesOn('cassandra').length;
    expect(secrets).toHaveLength(logins + 1);
    expect(new Set(secrets).size).toBe(logins + 1);
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
  });

  it('gives an access key id shaped like one of AWS', () => {
    expect(loadCredentials(file).aws.accessKeyId).toMatch(/^[A-Z0-9]{20}$/);
  });

  it('answers the same ones the next time', () => {
    expect(loadCredentials(file)).toEqual(loadCredentials(file));
  });

  it('refuses a file without the login of a role: the servers would not know it either', () => {
    const { kafka, ...others } = loadCredentials(file);
    const { relay: _, ...older } = kafka;
    writeFileSync(file, JSON.stringify({ ...others, kafka: older }));
    expect(() => loadCredentials(file)).toThrow(/has none of millrace_relay on kafka:.*npm run reset -- --data/);
  });

  it('refuses a file that others may read', () => {
    loadCredentials(file);
    chmodSync(file, 0o644);
    expect(() => loadCredentials(file)).toThrow(/must have mode 600, got 644.*chmod 600/);
  });
});
