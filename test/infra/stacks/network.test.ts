import { describe, expect, it } from 'vitest';
import { roles } from '../../../functions/roles.ts';
import { type StepName, steps } from '../../../functions/steps.ts';
import { stages } from '../../../stages.ts';
import { evaluator } from '../evaluate.ts';
import { openings } from '../openings.ts';
import { resourcesOf, synthesize, type Templates } from '../synthesized.ts';

interface Rule {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

const groupNames = (templates: Templates) =>
  new Map(
    resourcesOf(templates, 'AWS::EC2::SecurityGroup').map(({ id, Properties }) => [
      `network.${id}.GroupId`,
      String(Properties['GroupDescription']).split(':')[0] ?? '',
    ]),
  );

/** Who may open a connection to whom: what leaves the one and what the other lets in, which must be the same. */
function connections(templates: Templates): { readonly out: readonly Rule[]; readonly in: readonly Rule[] } {
  const evaluate = evaluator(templates);
  const names = groupNames(templates);
  const name = (value: unknown) => names.get(String(evaluate('network', value))) ?? String(value);
  const rules = (type: string, own: string, other: string) =>
    resourcesOf(templates, type).map(({ Properties }) => ({
      own: name(Properties['GroupId']),
      other: name(
        Properties[own === 'in' ? 'SourceSecurityGroupId' : 'DestinationSecurityGroupId'] ?? Properties[other],
      ),
      port: Number(Properties['FromPort']),
    }));
  const inline = resourcesOf(templates, 'AWS::EC2::SecurityGroup').flatMap(({ id, Properties }) =>
    ((Properties['SecurityGroupEgress'] ?? []) as Record<string, unknown>[]).map((rule) => ({
      from: names.get(`network.${id}.GroupId`) ?? '',
      to: String(rule['CidrIp']),
      port: Number(rule['FromPort']),
    })),
  );
  return {
    out: [
      ...rules('AWS::EC2::SecurityGroupEgress', 'out', 'CidrIp').map(({ own, other, port }) => ({
        from: own,
        to: other,
        port,
      })),
      ...inline,
    ],
    in: rules('AWS::EC2::SecurityGroupIngress', 'in', 'CidrIp').map(({ own, other, port }) => ({
      from: other,
      to: own,
      port,
    })),
  };
}

describe.each(stages)('The network of %s', (stage) => {
  const templates = synthesize(stage);
  const rules = connections(templates);
  const has = (list: readonly Rule[], from: string, to: string, port: number) =>
    list.some((rule) => rule.from === from && rule.to === to && rule.port === port);

  it('lets nobody in from outside', () => {
    expect(openings(templates)).toEqual([]);
  });

  const reaches = steps.map(({ name }) => ({
    name,
    landing: roles[name].postgres !== undefined,
    // Pollers of Lambda read the audit topic for it.
    topic: roles[name].kafka !== undefined && name !== 'audit',
    table: roles[name].cassandra !== undefined,
  }));

  it.each(reaches)(
    'lets $name reach landing: $landing, topic: $topic, table: $table',
    ({ name, landing, topic, table }) => {
      for (const list of [rules.out, rules.in]) {
        expect(has(list, name, 'landing', 5432)).toBe(landing);
        expect(has(list, name, 'topic', 9098)).toBe(topic);
      }
      expect(has(rules.out, name, '0.0.0.0/0', 9142)).toBe(table);
    },
  );

  it('lets Spark reach the topic and the tables, and its executors each other', () => {
    expect(has(rules.in, 'stream', 'topic', 9098)).toBe(true);
    expect(has(rules.out, 'stream', '0.0.0.0/0', 9142)).toBe(true);
    expect(has(rules.in, 'stream', 'stream', 0)).toBe(true);
    expect(has(rules.out, 'stream', 'landing', 5432)).toBe(false);
  });

  it('lets the pollers of the audit topics, which are in the brokers’ own group, reach the brokers and Lambda', () => {
    expect(has(rules.in, 'topic', 'topic', 9098)).toBe(true);
    expect(has(rules.out, 'topic', 'topic', 9098)).toBe(true);
    expect(has(rules.out, 'topic', '0.0.0.0/0', 443)).toBe(true);
  });

  it.each([...steps.map(({ name }) => name), 'stream', 'orchestration'] as const)(
    'gives %s a way out to the services of AWS',
    (name: StepName | 'stream' | 'orchestration') => {
      expect(has(rules.out, name, '0.0.0.0/0', 443)).toBe(true);
    },
  );

  it('puts every function into subnets whose way out is NAT', () => {
    const evaluate = evaluator(templates);
    const out = new Map(
      resourcesOf(templates, 'AWS::EC2::Route').map(({ Properties }) => [
        String(evaluate('network', Properties['RouteTableId'])),
        Object.keys(Properties).find((key) => key === 'NatGatewayId' || key === 'GatewayId'),
      ]),
    );
    const tables = new Map(
      resourcesOf(templates, 'AWS::EC2::SubnetRouteTableAssociation').map(({ Properties }) => [
        String(evaluate('network', Properties['SubnetId'])),
        String(evaluate('network', Properties['RouteTableId'])),
      ]),
    );
    const placed = resourcesOf(templates, 'AWS::Lambda::Function').filter(
      ({ Properties }) => 'VpcConfig' in Properties,
    );
    expect(placed.length).toBeGreaterThanOrEqual(steps.length);
    for (const { noun, id, Properties } of placed) {
      const { SubnetIds } = Properties['VpcConfig'] as { SubnetIds: unknown };
      for (const subnet of evaluate(noun, SubnetIds) as string[])
        expect(out.get(tables.get(subnet) ?? ''), `${id} in ${subnet}`).toBe('NatGatewayId');
    }
  });

  it('reaches S3 without NAT', () => {
    const services = resourcesOf(templates, 'AWS::EC2::VPCEndpoint').map(({ Properties }) =>
      JSON.stringify(Properties),
    );
    expect(services.some((text) => text.includes('.s3') && text.includes('"Gateway"'))).toBe(true);
  });
});
