import { CfnResource } from 'aws-cdk-lib';
import { Peer, Port } from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { findingsOf } from './findings.ts';
import { baselineOf } from './immutable.ts';
import { openings } from './openings.ts';
import { type Stacks, synthesize, synthesizeSpoilt } from './synthesized.ts';

/** The resources of a type below a construct. */
const all = (root: IConstruct, type: string) =>
  root.node
    .findAll()
    .filter((each): each is CfnResource => CfnResource.isCfnResource(each) && each.cfnResourceType === type);

const override = (root: IConstruct, type: string, property: string, value: unknown) => {
  const [first] = all(root, type);
  if (first === undefined) throw new Error(`expected a ${type}`);
  first.addPropertyOverride(property, value);
};

/** cdk-nag looks at the properties of the construct, before overrides. */
const change = (root: IConstruct, type: string, properties: object) =>
  Object.assign(all(root, type)[0] ?? {}, properties);

describe('The validator of templates rejects', () => {
  it.each<[string, (stacks: Stacks) => void]>([
    [
      'a table whose name Keyspaces does not take',
      ({ table }) => override(table, 'AWS::Cassandra::Table', 'TableName', 't'),
    ],
    [
      'a runtime that Lambda does not have',
      ({ functions }) => override(functions, 'AWS::Lambda::Function', 'Runtime', 'nodejs8.10'),
    ],
    [
      'a PostgreSQL that RDS does not have',
      ({ landing }) => override(landing, 'AWS::RDS::DBInstance', 'EngineVersion', '18.99'),
    ],
    ['a property that does not exist', ({ topic }) => override(topic, 'AWS::MSK::Cluster', 'Colour', 'red')],
  ])('%s', (_, spoil) => {
    expect(() => synthesizeSpoilt('dev', spoil)).toThrow(expect.objectContaining({ name: 'ValidationFailed' }));
  });
});

describe('cdk-nag finds', () => {
  it.each<[string, string, (stacks: Stacks) => void]>([
    [
      'a database that is not encrypted',
      'AwsSolutions-RDS2',
      ({ landing }) => change(landing, 'AWS::RDS::DBInstance', { storageEncrypted: false }),
    ],
    [
      'brokers that also talk in the clear',
      'AwsSolutions-MSK2',
      ({ topic }) =>
        change(topic, 'AWS::MSK::Cluster', {
          encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS_PLAINTEXT' } },
        }),
    ],
    [
      'brokers without a log',
      'AwsSolutions-MSK6',
      ({ topic }) => change(topic, 'AWS::MSK::Cluster', { loggingInfo: undefined }),
    ],
    [
      'a group that the world may reach',
      'AwsSolutions-EC23',
      ({ network }) => network.landing.addIngressRule(Peer.anyIpv4(), Port.tcp(5432)),
    ],
  ])('%s', (_, rule, spoil) => {
    expect(findingsOf('dev', spoil).map((finding) => finding.rule)).toContain(rule);
  });
});

describe('The guard of what holds records sees', () => {
  const baseline = baselineOf(synthesize('dev'));

  it.each<[string, (stacks: Stacks) => void]>([
    [
      'a table under another logical id',
      ({ table }) => all(table, 'AWS::Cassandra::Table')[0]?.overrideLogicalId('Another'),
    ],
    [
      'a topic with another number of replicas',
      ({ topic }) => override(topic, 'AWS::MSK::Topic', 'ReplicationFactor', 1),
    ],
    [
      'another user of the database',
      ({ landing }) => override(landing, 'AWS::RDS::DBInstance', 'MasterUsername', 'somebody'),
    ],
    [
      'write times of the client switched off',
      ({ table }) => override(table, 'AWS::Cassandra::Table', 'ClientSideTimestampsEnabled', undefined),
    ],
  ])('%s', (_, spoil) => {
    expect(baselineOf(synthesizeSpoilt('dev', spoil))).not.toBe(baseline);
  });
});

describe('The look at the network sees', () => {
  it('nothing open as it is', () => {
    expect(openings(synthesize('dev'))).toEqual([]);
  });

  it('a way in from outside', () => {
    const templates = synthesizeSpoilt('dev', ({ network }) =>
      network.topic.addIngressRule(Peer.anyIpv4(), Port.tcp(9098)),
    );
    expect(openings(templates)).toHaveLength(1);
  });
});
