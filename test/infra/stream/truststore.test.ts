import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { truststorePassword } from '../../../infra/stream/keyspaces-profile.ts';
import { javaTruststore, keyspacesRoots } from '../../../infra/stream/truststore.ts';

describe('The truststore of Keyspaces', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-truststore-'));
  const file = path.join(folder, 'truststore.jks');
  const keytool = (...args: string[]) =>
    execFileSync('keytool', [...args, '-keystore', file, '-storepass', truststorePassword], { encoding: 'utf8' });

  beforeAll(() => writeFileSync(file, javaTruststore(keyspacesRoots(), truststorePassword)));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is a JKS to Java’s own tool, which reads these roots out of it and no other', () => {
    const listed = keytool('-list', '-v');
    expect(listed).toContain('Keystore type: JKS');
    const aliases = [...listed.matchAll(/Alias name: (\S+)/g)].map(([, alias]) => alias);
    expect(aliases.sort()).toEqual([
      ...['amazon-root-ca-1', 'amazon-root-ca-2', 'amazon-root-ca-3', 'amazon-root-ca-4'],
      ...['starfield-root-g2', 'starfield-services-root-g2'],
    ]);
    expect(listed.match(/Entry type: trustedCertEntry/g)).toHaveLength(6);
  });

  it.each(keyspacesRoots())('holds $alias byte for byte', ({ alias, der }) => {
    const pem = keytool('-exportcert', '-rfc', '-alias', alias);
    expect(new X509Certificate(pem).raw.equals(der)).toBe(true);
  });

  it('is refused by Java under another password', () => {
    const other = ['-list', '-keystore', file, '-storepass', 'another'];
    expect(() => execFileSync('keytool', other, { stdio: 'pipe' })).toThrow(/Command failed/);
  });

  it('is the same bytes whenever it is made: its hash names it in the bucket', () => {
    const der = Buffer.from('not a certificate, but always the same');
    const bytes = javaTruststore([{ alias: 'one', der }], 'password');
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      'e7a437e4d2fdbcd89eb6965ac5d7ec628403378e4a70fdb69d8308cb82ffc3c7',
    );
  });

  it('is not made of fewer roots than it should have', () => {
    expect(() => keyspacesRoots([])).toThrow(/expected Amazon Root CA 1, got none/);
  });
});
