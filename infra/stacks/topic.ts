import { Fn, RemovalPolicy } from 'aws-cdk-lib';
import { CfnRegistry } from 'aws-cdk-lib/aws-glue';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import * as msk from 'aws-cdk-lib/aws-msk';
import * as cr from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';
import type { RoleName } from '../../functions/roles.ts';
import type { Definition } from '../../streaming/definition.ts';
import { largestMessageBytes, type TopicSpec, topicsOf } from '../../streaming/topics.ts';
import { type ClusterArns, topicStatements } from '../kafka-policy.ts';
import { clusterName, registryName } from '../names.ts';
import { removalOf, type StageProps, StageStack } from '../stage-stack.ts';
import type { NetworkStack } from './network.ts';

export interface TopicProps extends StageProps {
  readonly network: NetworkStack;
  readonly pipelines: readonly Definition[];
}

/** Kafka with its topics, and the registry of their schemas. Clients log in by IAM, over TLS, and by nothing else. */
export class TopicStack extends StageStack {
  readonly clusterArn: string;
  /** `host:9098,host:9098`, where clients log in by IAM. */
  readonly brokers: string;
  readonly #pipelines: readonly Definition[];

  constructor(scope: Construct, props: TopicProps) {
    super(scope, 'topic', props, 'Kafka');
    this.#pipelines = props.pipelines;
    const cluster = this.#cluster(props);
    this.clusterArn = cluster.attrArn;
    this.brokers = this.#bootstrapBrokers(cluster);
    for (const topic of props.pipelines.flatMap(topicsOf)) this.#topic(topic, cluster, props);
    // Its schemas are prepare's: a changed AWS::Glue::Schema fails at the second deploy, and would take versions away.
    const registry = new CfnRegistry(this, 'Registry', { name: registryName, description: 'Schemas of the topics' });
    registry.applyRemovalPolicy(removalOf(props.config));
  }

  /** What functions/roles.ts lets the role do. */
  grantUse(grantee: IGrantable, role: RoleName): void {
    for (const statement of topicStatements(this.#arns(), role, this.#pipelines)) {
      grantee.grantPrincipal.addToPrincipalPolicy(statement);
    }
  }

  /** A topic's ARN holds the cluster's name and its unique id: the second and third part of the cluster's own. */
  #arns(): ClusterArns {
    const uniqueId = Fn.select(2, Fn.split('/', this.clusterArn));
    return {
      cluster: this.clusterArn,
      of: (kind, name) =>
        this.formatArn({ service: 'kafka', resource: kind, resourceName: `${clusterName}/${uniqueId}/${name}` }),
    };
  }

  #cluster({ config, network }: TopicProps): msk.CfnCluster {
    const { topic, functions } = config;
    const log = new LogGroup(this, 'Log', { retention: functions.logDays, removalPolicy: RemovalPolicy.DESTROY });
    const key = new Key(this, 'Key', { enableKeyRotation: true, removalPolicy: removalOf(config) });
    const { ref: arn, attrLatestRevisionRevision: revision } = this.#settings(topic);
    const cluster = new msk.CfnCluster(this, 'Cluster', {
      clusterName,
      kafkaVersion: topic.kafka,
      numberOfBrokerNodes: topic.brokers,
      brokerNodeGroupInfo: {
        instanceType: topic.instance,
        clientSubnets: network.vpc.privateSubnets.map(({ subnetId }) => subnetId),
        securityGroups: [network.topic.securityGroupId],
        storageInfo: { ebsStorageInfo: { volumeSize: topic.volumeGb } },
      },
      clientAuthentication: {
        sasl: { iam: { enabled: true }, scram: { enabled: false } },
        unauthenticated: { enabled: false },
      },
      encryptionInfo: {
        encryptionAtRest: { dataVolumeKmsKeyId: key.keyArn },
        encryptionInTransit: { clientBroker: 'TLS', inCluster: true },
      },
      configurationInfo: { arn, revision },
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: log.logGroupName } } },
    });
    cluster.applyRemovalPolicy(removalOf(config));
    return cluster;
  }

  #settings({ kafka, replication, minIsr }: TopicProps['config']['topic']): msk.CfnConfiguration {
    return new msk.CfnConfiguration(this, 'Settings', {
      name: clusterName,
      description: 'Settings of the brokers',
      kafkaVersionsList: [kafka],
      serverProperties: propertiesText({
        // A topic that nobody defined is a mistake, not a topic.
        'auto.create.topics.enable': 'false',
        'default.replication.factor': String(replication),
        'min.insync.replicas': String(minIsr),
        // Better unavailable for a while than silently without what was acknowledged.
        'unclean.leader.election.enable': 'false',
        'message.max.bytes': String(largestMessageBytes),
        'replica.fetch.max.bytes': String(largestMessageBytes),
        'log.retention.hours': '168',
      }),
    });
  }

  #topic(
    { name, partitions, retentionMs, maxMessageBytes }: TopicSpec,
    cluster: msk.CfnCluster,
    { config }: TopicProps,
  ) {
    const { replication, minIsr } = config.topic;
    const topic = new msk.CfnTopic(this, name, {
      clusterArn: cluster.attrArn,
      topicName: name,
      partitionCount: partitions,
      replicationFactor: replication,
      configs: topicConfigs({
        // Offsets must stay contiguous: accounting is by ranges.
        'cleanup.policy': 'delete',
        'retention.ms': String(retentionMs),
        'max.message.bytes': String(maxMessageBytes),
        'min.insync.replicas': String(minIsr),
      }),
    });
    topic.applyRemovalPolicy(removalOf(config));
  }

  /** CloudFormation does not know them as an attribute; another number of brokers asks again. */
  #bootstrapBrokers(cluster: msk.CfnCluster): string {
    const call: cr.AwsSdkCall = {
      service: 'Kafka',
      action: 'getBootstrapBrokers',
      parameters: { ClusterArn: cluster.attrArn },
      physicalResourceId: cr.PhysicalResourceId.of(`${clusterName}-${cluster.numberOfBrokerNodes}`),
      outputPaths: ['BootstrapBrokerStringSaslIam'],
    };
    return new cr.AwsCustomResource(this, 'Brokers', {
      onCreate: call,
      onUpdate: call,
      installLatestAwsSdk: false,
      policy: cr.AwsCustomResourcePolicy.fromSdkCalls({ resources: [cluster.attrArn] }),
    }).getResponseField('BootstrapBrokerStringSaslIam');
  }
}

const propertiesText = (properties: Readonly<Record<string, string>>) =>
  Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');

/** AWS::MSK::Topic takes the lines of a properties file, in base64. */
export const topicConfigs = (properties: Readonly<Record<string, string>>) =>
  Buffer.from(propertiesText(properties)).toString('base64');
