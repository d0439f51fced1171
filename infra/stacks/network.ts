import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { roles } from '../../functions/roles.ts';
import { type StepName, steps } from '../../functions/steps.ts';
import { type StageProps, StageStack } from '../stage-stack.ts';

/** Ports of the stores; the audit topic is polled by the brokers' own group, not by the function. */
export const ports = { landing: 5432, topic: 9098, table: 9142, https: 443 } as const;

const privately = { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } as const;

/**
 * Where everything lives, and who may reach whom. Every security group of the platform is made here, named after what
 * it is of, so that no stack reaches into another one for it. Nothing is open to the outside.
 */
export class NetworkStack extends StageStack {
  readonly vpc: ec2.Vpc;
  readonly landing: ec2.SecurityGroup;
  /** Of the brokers; the pollers of the audit topics, which Lambda runs, are in it too. */
  readonly topic: ec2.SecurityGroup;
  readonly stream: ec2.SecurityGroup;
  readonly orchestration: ec2.SecurityGroup;
  readonly steps: Readonly<Record<StepName, ec2.SecurityGroup>>;

  constructor(scope: Construct, props: StageProps) {
    super(scope, 'network', props, 'zones, ways out, and who may reach whom');
    this.vpc = this.#vpc(props);
    this.landing = this.#group('landing', 'PostgreSQL');
    this.topic = this.#group('topic', 'Kafka and the pollers of the audit topics');
    this.stream = this.#group('stream', 'Spark');
    this.orchestration = this.#group('orchestration', 'Airflow');
    const groups = steps.map(({ name, what }) => [name, this.#group(name, what)]);
    this.steps = Object.fromEntries(groups);
    this.#connect();
    if (props.config.network.endpoints) this.#addEndpoints();
  }

  #vpc({ config }: StageProps): ec2.Vpc {
    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr('10.20.0.0/16'),
      availabilityZones: this.availabilityZones,
      natGateways: config.network.natGateways,
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false, cidrMask: 24 },
        { name: 'private', ...privately, cidrMask: 20 },
      ],
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    // What was refused; what was let through costs more than it tells.
    vpc.addFlowLog('Refused', {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'RefusedLog', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY }),
      ),
      trafficType: ec2.FlowLogTrafficType.REJECT,
    });
    return vpc;
  }

  #group(name: string, what: string): ec2.SecurityGroup {
    return new ec2.SecurityGroup(this, `${name}-group`, {
      vpc: this.vpc,
      description: `${name}: ${what.replaceAll('->', 'to')}`,
      allowAllOutbound: false,
    });
  }

  #connect(): void {
    for (const { name } of steps) {
      const group = this.steps[name];
      this.#letOut(group, ports.https, 'AWS and, for extract, the source');
      if (roles[name].postgres) this.#let(group, this.landing, ports.landing);
      if (roles[name].kafka && !polled.has(name)) this.#let(group, this.topic, ports.topic);
      if (roles[name].cassandra) this.#letOut(group, ports.table, 'Keyspaces');
    }
    this.#let(this.stream, this.topic, ports.topic);
    // Driver and executors of Spark find each other at ports that they choose.
    this.#among(this.stream, ec2.Port.allTcp());
    this.#letOut(this.stream, ports.table, 'Keyspaces');
    // Lambda polls the audit topics from the brokers' own subnets, in the brokers' own group.
    this.#among(this.topic, ec2.Port.tcp(ports.topic));
    this.#among(this.orchestration, ec2.Port.allTraffic());
    for (const group of [this.stream, this.topic, this.orchestration]) this.#letOut(group, ports.https, 'AWS');
  }

  #let(from: ec2.SecurityGroup, to: ec2.SecurityGroup, port: number): void {
    from.connections.allowTo(to, ec2.Port.tcp(port));
  }

  #among(group: ec2.SecurityGroup, port: ec2.Port): void {
    group.connections.allowInternally(port);
  }

  #letOut(from: ec2.SecurityGroup, port: number, to: string): void {
    from.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(port), to);
  }

  /** The calls of the functions and of Spark stay inside; what a source or MWAA needs still leaves through NAT. */
  #addEndpoints(): void {
    const inside = [...Object.values(this.steps), this.stream, this.topic, this.orchestration];
    const endpoints = this.#group('endpoints', 'AWS services, inside');
    for (const [name, service] of Object.entries(endpointServices)) {
      this.vpc.addInterfaceEndpoint(name, { service, securityGroups: [endpoints], open: false });
    }
    for (const group of inside) {
      endpoints.addIngressRule(group, ec2.Port.tcp(ports.https), 'AWS');
      endpoints.addIngressRule(group, ec2.Port.tcp(ports.table), 'Keyspaces');
    }
  }
}

/** Steps whose topic is read for them, by pollers of Lambda. */
const polled: ReadonlySet<StepName> = new Set(['audit']);

const endpointServices = {
  Keyspaces: ec2.InterfaceVpcEndpointAwsService.KEYSPACES,
  Secrets: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Registry: ec2.InterfaceVpcEndpointAwsService.GLUE,
  Lambda: ec2.InterfaceVpcEndpointAwsService.LAMBDA,
  Jobs: ec2.InterfaceVpcEndpointAwsService.EMR_SERVERLESS,
  Sts: ec2.InterfaceVpcEndpointAwsService.STS,
  Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Kms: ec2.InterfaceVpcEndpointAwsService.KMS,
} as const;
