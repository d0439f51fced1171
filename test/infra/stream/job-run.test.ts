import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { configOf } from '../../../infra/config.ts';
import { artifactsOf } from '../../../infra/stream/artifacts.ts';
import { applicationSettings, jobEnvironment, jobSettings } from '../../../infra/stream/job-run.ts';
import { keyspacesProfile } from '../../../infra/stream/keyspaces-profile.ts';
import { stages } from '../../../stages.ts';
import { jobFiles } from '../../../streaming/job-version.ts';

const artifacts = artifactsOf('us-east-1');
const broker = (number: number) => `b-${number}.millrace.abc123.c2.kafka.ap-southeast-2.amazonaws.com:9098`;
const places = {
  applicationId: '00fabcdefghijk25',
  roleArn: 'arn:aws:iam::123456789012:role/millrace-stream',
  bucket: 'millrace-prod-123456789012-ap-southeast-2',
  brokers: [1, 2, 3].map(broker).join(','),
};
const environmentOf = (stage: string, overrides = {}) =>
  jobEnvironment(configOf(stage, overrides).stream, artifacts, places);
const settingsOf = (stage: string) => jobSettings(configOf(stage).stream, artifacts, places);

describe('A job run', () => {
  it.each([
    ['dev', 'available-now', '15m'],
    ['full', 'streaming', '15m'],
    ['prod', 'streaming', '15m'],
  ])('of %s is %s', (stage, mode, every) => {
    expect(environmentOf(stage)).toMatchObject({ JOB_MODE: mode, JOB_EVERY: every, JOB_TRIGGER: '2 seconds' });
  });

  it.each([
    ['dev', '1', '3712m', '1', '3712m', '1'],
    ['full', '1', '3712m', '1', '3712m', '1'],
    ['prod', '2', '7447m', '2', '7447m', '2'],
  ])('of %s has the sizes that are paid for, and no more', (stage, cores, memory, executorCores, heap, executors) => {
    expect(settingsOf(stage)).toMatchObject({
      'spark.driver.cores': cores,
      'spark.driver.memory': memory,
      'spark.executor.cores': executorCores,
      'spark.executor.memory': heap,
      'spark.executor.instances': executors,
      'spark.dynamicAllocation.enabled': 'false',
    });
  });

  it.each(stages)('of %s asks for workers into which heap and overhead fit exactly', (stage) => {
    const { driver } = configOf(stage).stream;
    const heap = Number.parseInt(settingsOf(stage)['spark.driver.memory'] ?? '', 10);
    const whole = heap + Math.max(384, Math.ceil(heap / 10));
    expect(Math.ceil(whole / 1024)).toBe(driver.memoryGb);
  });

  it('has its code, its modules and its files from keys that hold their hash', () => {
    const { JOB_ENTRY_POINT: entry, JOB_SPARK_PARAMETERS: parameters } = environmentOf('dev');
    expect(entry).toMatch(/^s3:\/\/millrace-prod-123456789012-ap-southeast-2\/job\/[0-9a-f]{12}\/main\.py$/);
    expect(parameters).toMatch(/^--py-files s3:\/\/\S+\/job\/[0-9a-f]{12}\/modules\.zip --conf /);
    expect(settingsOf('dev')['spark.files']).toMatch(
      /^s3:\/\/\S+\/conf\/[0-9a-f]{12}\/keyspaces\.conf,s3:\/\/\S+\/conf\/[0-9a-f]{12}\/truststore\.jks$/,
    );
  });

  it.each(stages)('of %s fits into the environment of a function with room for the rest of it', (stage) => {
    const bytes = Object.entries(environmentOf(stage)).reduce(
      (sum, [name, value]) => sum + name.length + value.length,
      0,
    );
    expect(bytes).toBeLessThan(2048);
  });

  it('says nothing that would be split at a blank', () => {
    expect(Object.values(settingsOf('prod')).filter((value) => /\s/.test(value))).toEqual([]);
  });

  it.each([
    ['stream.driver.memoryGb', '8'],
    ['stream.executors', '3'],
    ['stream.trigger', '5 seconds'],
    ['stream.mode', 'streaming'],
  ])('is of another version when %s is another', (key, value) => {
    const { JOB_VERSION: version } = environmentOf('dev', { [key]: value });
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(version).not.toBe(environmentOf('dev').JOB_VERSION);
  });

  it('is of another version for another profile, and of the same in another account', () => {
    const { stream } = configOf('dev');
    const elsewhere = jobEnvironment(stream, artifactsOf('eu-west-1'), places);
    expect(elsewhere.JOB_VERSION).not.toBe(environmentOf('dev').JOB_VERSION);
    const account = jobEnvironment(stream, artifacts, { ...places, bucket: 'another', brokers: 'another:9098' });
    expect(account.JOB_VERSION).toBe(environmentOf('dev').JOB_VERSION);
  });
});

describe('Every job run of the application', () => {
  const settings = applicationSettings(artifacts, places);

  it('logs in to MSK by IAM over TLS', () => {
    expect(settings).toMatchObject({
      'spark.millrace.kafka.security.protocol': 'SASL_SSL',
      'spark.millrace.kafka.sasl.mechanism': 'AWS_MSK_IAM',
      'spark.millrace.kafka.sasl.jaas.config': 'software.amazon.msk.auth.iam.IAMLoginModule required;',
      'spark.millrace.kafka.sasl.client.callback.handler.class':
        'software.amazon.msk.auth.iam.IAMClientCallbackHandler',
    });
  });

  it('lets a record die that Keyspaces would refuse for its age, an hour before it would', () => {
    expect(settings['spark.millrace.tables.oldest.seconds']).toBe(String(47 * 3600));
  });

  it('has every jar of the lock, from a key that holds the lock’s hash', () => {
    const jars = settings['spark.jars']?.split(',') ?? [];
    expect(jars).toHaveLength(21);
    for (const jar of jars) expect(jar).toMatch(/^s3:\/\/\S+\/jars\/[0-9a-f]{12}\/[\w.-]+\.jar$/);
  });

  it('reads the profile by its name, beside the job', () => {
    expect(settings['spark.cassandra.connection.config.profile.path']).toBe('keyspaces.conf');
    expect(artifacts.profile).toMatch(/\/keyspaces\.conf$/);
  });
});

describe('What is laid into the bucket', () => {
  it('is the job without what it imports, and an archive of all that it imports', () => {
    const archive = unzipSync(artifacts.files.get(artifacts.modules) ?? new Uint8Array());
    const expected = [...jobFiles()].filter(([name]) => name !== 'main.py');
    expect(Object.keys(archive)).toEqual(expected.map(([name]) => name));
    for (const [name, bytes] of expected) expect(Buffer.from(archive[name] ?? []).equals(bytes)).toBe(true);
    expect(artifacts.files.get(artifacts.entry)).toEqual(jobFiles().get('main.py'));
  });

  it('is the same bytes under the same keys when it is made again', () => {
    expect(artifactsOf('us-east-1')).toEqual(artifacts);
  });
});

describe('The driver’s profile of Keyspaces', () => {
  const driver = JSON.parse(keyspacesProfile('eu-west-1'))['datastax-java-driver'];

  it.each([
    ['one address with its port', driver.basic['contact-points'], ['cassandra.eu-west-1.amazonaws.com:9142']],
    ['the region as data centre', driver.basic['load-balancing-policy']['local-datacenter'], 'eu-west-1'],
    ['no avoiding of slow nodes', driver.basic['load-balancing-policy']['slow-replica-avoidance'], false],
    ['the one level of writes', driver.basic.request.consistency, 'LOCAL_QUORUM'],
    ['requests that may be sent twice', driver.basic.request['default-idempotence'], true],
    ['a login that is signed', driver.advanced['auth-provider'].class, 'software.aws.mcs.auth.SigV4AuthProvider'],
    ['the region it is signed for', driver.advanced['auth-provider']['aws-region'], 'eu-west-1'],
    ['no names checked', driver.advanced['ssl-engine-factory']['hostname-validation'], false],
    ['at least three connections', driver.advanced.connection.pool.local.size, 3],
    ['a patient heartbeat', driver.advanced.heartbeat.timeout, '2 seconds'],
    ['connecting again from the start', driver.advanced['reconnect-on-init'], true],
    ['statements prepared once', driver.advanced['prepared-statements']['prepare-on-all-nodes'], false],
    ['threads that let a job end', driver.advanced.netty.daemon, true],
    ['writes that are throttled come again', driver.advanced['retry-policy']['max-retry-count'], 500],
  ])('says: %s', (_, said, expected) => {
    expect(said).toEqual(expected);
  });
});
