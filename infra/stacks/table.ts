import { ArnFormat, type RemovalPolicy } from 'aws-cdk-lib';
import { CfnKeyspace, CfnTable } from 'aws-cdk-lib/aws-cassandra';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type CqlColumn, shapeOf } from '../../streaming/cql.ts';
import type { Definition } from '../../streaming/definition.ts';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import { keyspace } from '../../streaming/names.ts';
import { tableProblems } from '../keyspaces-table.ts';
import { removalOf, type StageProps, StageStack } from '../stage-stack.ts';

/** How far back point-in-time recovery of Keyspaces reaches. */
export const tableBackupDays = 35;

export interface TableProps extends StageProps {
  readonly pipelines: readonly Definition[];
}

/** The tables of every pipeline, in Amazon Keyspaces. They outlive the stack unless the stage says why not. */
export class TableStack extends StageStack {
  private readonly tableNames: readonly string[];

  constructor(scope: Construct, { config, pipelines }: TableProps) {
    super(scope, 'table', { config }, 'Keyspaces');
    const removal = removalOf(config);
    const encryption = this.makeKey(removal);
    const space = new CfnKeyspace(this, 'Keyspace', { keyspaceName: keyspace });
    space.applyRemovalPolicy(removal);
    this.tableNames = pipelines.flatMap((pipeline) =>
      Object.keys(pipeline.tables).map((name) => {
        const table = new CfnTable(this, logicalName(name), tableProps(pipeline, name, space.ref, encryption));
        table.applyRemovalPolicy(removal);
        return name;
      }),
    );
  }

  /** Allows writing rows, and what a driver reads of the system's tables before it can. */
  grantModify(grantee: IGrantable): Grant {
    return this.grant(grantee, 'cassandra:Modify');
  }

  /** Allows reading rows. */
  grantSelect(grantee: IGrantable): Grant {
    return this.grant(grantee, 'cassandra:Select');
  }

  /** Allows seeing which tables there are, and no row. */
  grantDescribe(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({ grantee, actions: ['cassandra:Select'], resourceArns: [this.arnOf('system*')] });
  }

  private grant(grantee: IGrantable, action: string): Grant {
    const resourceArns = this.tableNames.map((name) => this.arnOf(`${keyspace}/table/${name}`));
    return Grant.addToPrincipal({ grantee, actions: [action], resourceArns }).combine(this.grantDescribe(grantee));
  }

  private arnOf(path: string): string {
    return this.formatArn({
      service: 'cassandra',
      resource: `/keyspace/${path}`,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
  }

  private makeKey(removalPolicy: RemovalPolicy): Key {
    return new Key(this, 'Key', { description: 'Millrace: tables', enableKeyRotation: true, removalPolicy });
  }
}

/** `users_by_country` -> `UsersByCountry`. */
const logicalName = (table: string) =>
  table.replaceAll(/(?:^|_)([a-z0-9])/g, (_, first: string) => first.toUpperCase());

function tableProps(pipeline: Definition, name: string, keyspaceName: string, key: IKey) {
  const problems = tableProblems(pipeline, name);
  if (problems.length > 0)
    throw new Error(`Keyspaces would refuse a table of ${pipeline.name}:\n${problems.join('\n')}`);
  const { partition, cluster, others } = shapeOf(pipeline, name);
  return {
    keyspaceName,
    tableName: name,
    partitionKeyColumns: partition.map(column),
    clusteringKeyColumns: cluster.map(({ order, ...each }) => ({ column: column(each), orderBy: order })),
    regularColumns: others.map(column),
    billingMode: { mode: 'ON_DEMAND' },
    // Every row brings its own time to live, which is refused where the table has none.
    defaultTimeToLive: checkedSecondsOf(pipeline.keep.tables),
    // A record's version is its write time. It can be said at creation only, and not for a table that is there.
    clientSideTimestampsEnabled: true,
    pointInTimeRecoveryEnabled: true,
    encryptionSpecification: { encryptionType: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyIdentifier: key.keyArn },
  };
}

const column = ({ name, type }: CqlColumn) => ({ columnName: name, columnType: type });
