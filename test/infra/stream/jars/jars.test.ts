import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkedJars } from '../../../../infra/stream/jars/install.ts';
import { jars, pomFile, readLock } from '../../../../infra/stream/jars/lock.ts';

const root = path.join(import.meta.dirname, '..', '..', '..', '..');
const localPom = readFileSync(path.join(root, 'local/maven/spark/pom.xml'), 'utf8');
const dependenciesOf = (pom: string) => pom.match(/<dependency>.*?<\/dependency>/gs) ?? [];

describe('The jars of Spark on AWS', () => {
  it('are those of one machine, as they are excluded and pinned there, and the logins of MSK and Keyspaces', () => {
    const [onAws, here] = [dependenciesOf(readFileSync(pomFile, 'utf8')), dependenciesOf(localPom)];
    expect(onAws.slice(0, here.length)).toEqual(here);
    const more = onAws.slice(here.length).map((text) => /<artifactId>(.*?)<.*?<version>(.*?)</s.exec(text)?.slice(1));
    expect(more).toEqual([
      ['aws-msk-iam-auth', '2.3.5'],
      ['aws-sigv4-auth-cassandra-java-driver-plugin', '4.0.9'],
    ]);
  });

  it.each([
    ['one driver of Cassandra, the connector’s own', /^java-driver-core/, ['java-driver-core-shaded-4.18.1.jar']],
    ['one client of Kafka', /^kafka-clients/, ['kafka-clients-3.4.1.jar']],
    [
      'the SDK of AWS within the login of MSK alone',
      /^(aws|sdk|auth|regions|bundle)/,
      ['aws-msk-iam-auth-2.3.5-all.jar', 'aws-sigv4-auth-cassandra-java-driver-plugin-4.0.9.jar'],
    ],
    ['nothing of Scala’s or Spark’s own', /^(scala-library|spark-(core|sql|tags|catalyst)_)/, []],
  ])('hold %s', (_, pattern, expected) => {
    expect(jars.map(({ name }) => name).filter((name) => pattern.test(name))).toEqual(expected);
  });
});

describe('The lock of the jars', () => {
  it.each([
    ['a hash that is too short', 'abc  a.jar'],
    ['a path', `${'0'.repeat(64)}  ../a.jar`],
    ['one blank', `${'0'.repeat(64)} a.jar`],
    ['nothing', ''],
  ])('is not read past %s', (_, line) => {
    expect(() => readLock(`${'0'.repeat(64)}  b.jar\n${line}\n`)).toThrow(/jars\.sha256:2: expected/);
  });
});

describe('Jars that were fetched', () => {
  let folder: string;
  const file = (name: string) => path.join(folder, name);
  const locked = { name: 'a.jar', sha256: createHash('sha256').update('as it was').digest('hex') };

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-jars-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are taken when they are as they were locked', () => {
    writeFileSync(file('a.jar'), 'as it was');
    expect([...checkedJars(folder, [locked]).keys()]).toEqual(['a.jar']);
  });

  it('are refused, and removed, when a byte differs', () => {
    writeFileSync(file('a.jar'), 'as it were');
    expect(() => checkedJars(folder, [locked])).toThrow(/a\.jar: expected sha256/);
    expect(existsSync(file('a.jar'))).toBe(false);
  });

  it('are refused when there are more or fewer of them', () => {
    expect(() => checkedJars(folder, [locked])).toThrow(/expected a\.jar, got ;/);
    writeFileSync(file('a.jar'), 'as it was');
    writeFileSync(file('b.jar'), '');
    expect(() => checkedJars(folder, [locked])).toThrow(/got a\.jar, b\.jar/);
  });
});
