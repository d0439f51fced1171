import { ArnFormat, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { type RoleName, userOf } from '../../functions/roles.ts';
import type { Config } from '../config.ts';
import { databaseInstance, databaseName } from '../names.ts';
import { removalOf, type StageProps, StageStack } from '../stage-stack.ts';
import type { NetworkStack } from './network.ts';

export interface LandingProps extends StageProps {
  readonly network: NetworkStack;
}

/**
 * PostgreSQL: landing, the outbox, the ledger. One instance, TLS only. `prepare` logs in with the master secret that
 * RDS makes and rotates; every other function by a token of IAM, as a role of PostgreSQL of its own.
 */
export class LandingStack extends StageStack {
  readonly host: string;
  /** `{username, password}` of the owner. */
  readonly secret: ISecret;
  readonly #instance: rds.DatabaseInstance;
  readonly #key: Key;

  constructor(scope: Construct, props: LandingProps) {
    super(scope, 'landing', props, 'PostgreSQL');
    this.#key = new Key(this, 'Key', { enableKeyRotation: true, removalPolicy: removalOf(props.config) });
    this.#instance = this.#database(props, this.#key);
    const { secret } = this.#instance;
    if (secret === undefined) throw new Error('landing: expected a secret that RDS manages, got none');
    this.secret = secret;
    this.host = this.#instance.dbInstanceEndpointAddress;
  }

  /** Lets it log in as the owner. Said in the grantee's own policy: the key's would tie this stack to the grantee's. */
  grantOwner(grantee: IGrantable): void {
    for (const [action, arn] of [
      ['secretsmanager:GetSecretValue', this.secret.secretArn],
      ['kms:Decrypt', this.#key.keyArn],
    ] as const) {
      grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: [action], resources: [arn] }));
    }
  }

  /** Lets it log in as its own role of PostgreSQL, and as no other. */
  grantLogin(grantee: IGrantable, role: RoleName): void {
    const resourceId = this.#instance.instanceResourceId;
    if (resourceId === undefined) throw new Error('landing: expected the resource id of the instance, got none');
    const resource = this.formatArn({
      service: 'rds-db',
      resource: 'dbuser',
      resourceName: `${resourceId}/${userOf(role)}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['rds-db:connect'], resources: [resource] }),
    );
  }

  #database({ config, network }: LandingProps, key: Key): rds.DatabaseInstance {
    const { landing, data } = config;
    const [major = ''] = landing.postgres.split('.');
    const engine = rds.DatabaseInstanceEngine.postgres({
      version: rds.PostgresEngineVersion.of(landing.postgres, major),
    });
    const log = this.#log(config);
    const database = new rds.DatabaseInstance(this, 'Database', {
      engine,
      instanceIdentifier: databaseInstance,
      databaseName,
      instanceType: new ec2.InstanceType(landing.instance.replace(/^db\./, '')),
      vpc: network.vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [network.landing],
      credentials: rds.Credentials.fromUsername(userOf('prepare'), { encryptionKey: key }),
      manageMasterUserPassword: true,
      iamAuthentication: true,
      parameters: settings,
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
      storageType: rds.StorageType.GP3,
      allocatedStorage: landing.storageGb,
      // Grows by itself, so that a week's landing that was underestimated is a bill and not an outage.
      maxAllocatedStorage: landing.storageGb * 5,
      storageEncrypted: true,
      storageEncryptionKey: key,
      multiAz: landing.multiAz,
      backupRetention: Duration.days(landing.backupDays),
      copyTagsToSnapshot: true,
      deletionProtection: data === 'retain',
      removalPolicy: data === 'retain' ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
      cloudwatchLogsExports: ['postgresql'],
      autoMinorVersionUpgrade: true,
    });
    database.node.addDependency(log);
    return database;
  }

  /** Made before RDS makes one that nobody ever empties. */
  #log({ functions }: Config): LogGroup {
    return new LogGroup(this, 'Log', {
      logGroupName: `/aws/rds/instance/${databaseInstance}/postgresql`,
      retention: functions.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}

/** What the local server is told too, and what a function that was frozen or killed in mid-transaction must not hold. */
const settings = {
  'rds.force_ssl': '1',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
  idle_in_transaction_session_timeout: '60000',
} as const;
