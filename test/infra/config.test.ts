import { describe, expect, it } from 'vitest';
import { configOf, recordsOf } from '../../infra/config.ts';
import { checkConfig, offered } from '../../infra/config-check.ts';
import { stages } from '../../stages.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { versions } from '../../versions.ts';

const dev = configOf('dev');

describe('A stage', () => {
  it('is dev unless said', () => {
    expect(configOf().stage).toBe('dev');
  });

  it.each(stages)('%s passes its own check', (stage) => {
    expect(checkConfig(configOf(stage))).toEqual(configOf(stage));
  });

  it('of development makes its records up, has no Airflow and runs Spark as a batch', () => {
    expect(dev.sources).toEqual(Object.fromEntries(pipelines.map(({ name }) => [name, 'sample'])));
    expect(dev.orchestration.kind).toBe('none');
    expect(dev.stream).toMatchObject({ mode: 'available-now', every: '15m' });
    expect(pipelines.map((pipeline) => recordsOf(dev, pipeline))).toContain(100);
  });

  it('that is full shows every part: live sources, streaming, Airflow of the smallest class', () => {
    const full = configOf('full');
    expect(new Set(Object.values(full.sources))).toEqual(new Set(['live']));
    expect(full.stream.mode).toBe('streaming');
    expect(full.orchestration).toMatchObject({ kind: 'mwaa', environment: 'mw1.micro' });
  });

  it('for production spans three zones, with a standby database and private endpoints', () => {
    const prod = configOf('prod');
    expect(prod.zones).toHaveLength(3);
    expect(prod.landing.multiAz).toBe(true);
    expect(prod.network.endpoints).toBe(true);
    expect(prod.topic).toMatchObject({ replication: 3, minIsr: 2 });
  });

  it('has a region and zones of its own when they are named', () => {
    expect(configOf('prod', { region: 'eu-west-1' }).zones).toEqual(['eu-west-1a', 'eu-west-1b', 'eu-west-1c']);
    expect(configOf('dev', { zones: 'us-east-1b,us-east-1d' }).zones).toEqual(['us-east-1b', 'us-east-1d']);
  });
});

describe('An override', () => {
  it.each([
    ['topic.brokers', '4', () => configOf('dev', { 'topic.brokers': '4' }).topic.brokers, 4],
    ['functions.reserved', 'true', () => configOf('dev', { 'functions.reserved': 'true' }).functions.reserved, true],
    ['alarms.email', 'a@b.c', () => configOf('dev', { 'alarms.email': 'a@b.c' }).alarms.email, 'a@b.c'],
  ])('%s=%s is read as what it replaces', (_, __, read, value) => {
    expect(read()).toBe(value);
  });

  it('of a source counts for its pipeline alone', () => {
    const [first, second] = pipelines.map(({ name }) => name);
    const { sources } = configOf('dev', { [`sources.${first}`]: 'live' });
    expect([sources[first ?? ''], sources[second ?? '']]).toEqual(['live', 'sample']);
  });

  it.each([
    ['a stage that does not exist', 'staging', {}, /expected one of dev, full, prod/],
    [
      'a key that does not exist',
      'dev',
      { 'topic.colour': 'red' },
      /topic\.colour: expected one of stage, zones, region, landing/,
    ],
    ['the source of no pipeline', 'dev', { 'sources.nobody': 'live' }, /sources\.nobody: expected one of/],
    ['a number that is none', 'dev', { 'topic.brokers': 'two' }, /expected a number, got "two"/],
    ['a flag that is none', 'dev', { 'network.endpoints': 'yes' }, /expected true or false/],
    ['what becomes of the data', 'dev', { data: 'gone' }, /data: expected one of/],
    ['a Kafka that MSK does not offer', 'dev', { 'topic.kafka': '9.9' }, /topic\.kafka: expected one of .*as of 2026/],
    ['an EMR release that is not offered', 'dev', { 'stream.release': 'emr-99' }, /stream\.release/],
    ['an Airflow that MWAA does not offer', 'full', { 'orchestration.airflow': '9' }, /orchestration\.airflow/],
    ['a PostgreSQL that RDS does not offer', 'dev', { 'landing.postgres': '9' }, /landing\.postgres/],
    ['as many replicas in sync as there are', 'prod', { 'topic.minIsr': '3' }, /minIsr: expected less than/],
    ['more replicas than brokers', 'dev', { 'topic.replication': '3' }, /replication: expected at most/],
    ['brokers that cannot be spread evenly', 'prod', { 'topic.brokers': '4' }, /multiple of the 3 zones/],
    ['zones of another region', 'dev', { zones: 'eu-west-1a,eu-west-1b' }, /zones: expected two or more of us-east-1/],
    ['a database without backups', 'dev', { 'landing.backupDays': '0' }, /backupDays/],
    ['a way of streaming that does not exist', 'dev', { 'stream.mode': 'sometimes' }, /stream\.mode/],
    ['a duration that is none', 'dev', { 'stream.every': 'often' }, /stream\.every/],
    ['a trigger that is none', 'dev', { 'stream.trigger': '2' }, /stream\.trigger/],
    ['a worker that EMR Serverless does not know', 'dev', { 'stream.driver.memoryGb': '64' }, /2 to 8 GB with 1 vCPU/],
    ['no executor', 'dev', { 'stream.executors': '0' }, /stream\.executors/],
    ['an orchestrator that does not exist', 'dev', { 'orchestration.kind': 'cron' }, /orchestration\.kind/],
    ['a source over plain HTTP', 'dev', { [`sources.${pipelines[0]?.name}`]: 'http://example.org' }, /https address/],
  ])('refuses %s', (_, stage, overrides, message) => {
    expect(() => configOf(stage, overrides as Record<string, string>)).toThrow(message);
  });

  it('refuses to destroy data without a reason', () => {
    expect(() => checkConfig({ ...dev, data: { destroyData: true, because: '' } })).toThrow(/reason/);
  });
});

describe('Versions on AWS and here', () => {
  const major = (version: string, parts = 1) => version.split('.').slice(0, parts).join('.');

  it.each(stages)('%s: PostgreSQL and Kafka are of the same line as on this machine', (stage) => {
    const { landing, topic } = configOf(stage);
    expect(major(landing.postgres)).toBe(major(versions.postgres));
    expect(major(topic.kafka, 2)).toBe(major(versions.kafka, 2));
  });

  it('of what is offered carry the day they were last seen', () => {
    for (const { seen, values } of Object.values(offered)) {
      expect(seen).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(values.length).toBeGreaterThan(0);
    }
  });
});
