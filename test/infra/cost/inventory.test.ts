import { describe, expect, it } from 'vitest';
import { configOf } from '../../../infra/config.ts';
import { inventoryOf } from '../../../infra/cost/inventory.ts';
import { stages } from '../../../stages.ts';
import { resourcesOf, synthesize } from '../synthesized.ts';

const types = {
  keys: 'AWS::KMS::Key',
  alarms: 'AWS::CloudWatch::Alarm',
  dashboards: 'AWS::CloudWatch::Dashboard',
} as const;

describe.each(stages)('What is paid for one by one, in %s,', (stage) => {
  const inventory = inventoryOf(configOf(stage));
  const all = () => synthesize(stage);

  it.each(Object.entries(types))('%s, are as many as its templates have', (name, type) => {
    expect(resourcesOf(all(), type)).toHaveLength(inventory[name as keyof typeof types]);
  });

  it('interface endpoints are as many as its templates have', () => {
    const found = resourcesOf(all(), 'AWS::EC2::VPCEndpoint').filter(
      ({ Properties }) => Properties['VpcEndpointType'] === 'Interface',
    );
    expect(found).toHaveLength(inventory.endpoints);
  });

  it('NAT gateways are as many as its templates have, each with an address', () => {
    const { natGateways } = configOf(stage).network;
    expect(resourcesOf(all(), 'AWS::EC2::NatGateway')).toHaveLength(natGateways);
    expect(resourcesOf(all(), 'AWS::EC2::EIP')).toHaveLength(natGateways);
  });

  it('secrets are the one that RDS makes', () => {
    const [database] = resourcesOf(all(), 'AWS::RDS::DBInstance');
    expect(database?.Properties['ManageMasterUserPassword']).toBe(true);
    expect(resourcesOf(all(), 'AWS::SecretsManager::Secret')).toHaveLength(inventory.secrets - 1);
  });
});
