import { describe, expect, it } from 'vitest';
import { configOf } from '../../../infra/config.ts';
import { stages } from '../../../stages.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';
import { topicsOf } from '../../../streaming/topics.ts';
import { resourcesOf, synthesize } from '../synthesized.ts';

const lines = (base64: unknown) => Buffer.from(String(base64), 'base64').toString('utf8').split('\n');

describe.each(stages)('Kafka of %s', (stage) => {
  const templates = synthesize(stage);
  const { topic } = configOf(stage);
  const [cluster] = resourcesOf(templates, 'AWS::MSK::Cluster');
  const [settings] = resourcesOf(templates, 'AWS::MSK::Configuration');

  it('lets clients in by IAM over TLS, and by nothing else', () => {
    expect(cluster?.Properties).toMatchObject({
      KafkaVersion: topic.kafka,
      NumberOfBrokerNodes: topic.brokers,
      ClientAuthentication: {
        Sasl: { Iam: { Enabled: true }, Scram: { Enabled: false } },
        Unauthenticated: { Enabled: false },
      },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true } },
    });
    expect(JSON.stringify(cluster?.Properties['EncryptionInfo'])).toContain('DataVolumeKMSKeyId');
    expect(JSON.stringify(cluster?.Properties['LoggingInfo'])).toContain('"Enabled":true');
  });

  it.each([
    'auto.create.topics.enable=false',
    'unclean.leader.election.enable=false',
    `min.insync.replicas=${topic.minIsr}`,
    `default.replication.factor=${topic.replication}`,
    'message.max.bytes=16000000',
    'replica.fetch.max.bytes=16000000',
  ])('tells the brokers %s', (line) => {
    expect(String(settings?.Properties['ServerProperties']).split('\n')).toContain(line);
  });

  it.each(pipelines.flatMap(topicsOf))('has $name with $partitions partitions, as the definition says', (spec) => {
    const found = resourcesOf(templates, 'AWS::MSK::Topic').find(
      ({ Properties }) => Properties['TopicName'] === spec.name,
    );
    expect(found?.Properties).toMatchObject({
      PartitionCount: spec.partitions,
      ReplicationFactor: topic.replication,
    });
    expect(lines(found?.Properties['Configs'])).toEqual([
      'cleanup.policy=delete',
      `retention.ms=${spec.retentionMs}`,
      `max.message.bytes=${spec.maxMessageBytes}`,
      `min.insync.replicas=${topic.minIsr}`,
    ]);
  });

  it('has no other topic', () => {
    const names = resourcesOf(templates, 'AWS::MSK::Topic').map(({ Properties }) => Properties['TopicName']);
    expect(names.sort()).toEqual(
      pipelines
        .flatMap(topicsOf)
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('keeps an audit message that holds a message of the main topic', () => {
    for (const [main, audit] of pipelines.map(topicsOf))
      expect(audit?.maxMessageBytes).toBe(2 * (main?.maxMessageBytes ?? 0));
  });

  it('leaves the schemas to prepare: only the registry is in the template', () => {
    const glue = resourcesOf(templates).filter(({ Type }) => Type.startsWith('AWS::Glue::'));
    expect(glue.map(({ Type }) => Type)).toEqual(['AWS::Glue::Registry']);
  });
});
