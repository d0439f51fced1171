import { describe, expect, it } from 'vitest';
import { configOf } from '../../../infra/config.ts';
import { stages } from '../../../stages.ts';
import { resourcesOf, synthesize } from '../synthesized.ts';

describe.each(stages)('Landing of %s', (stage) => {
  const templates = synthesize(stage);
  const config = configOf(stage);
  const [database] = resourcesOf(templates, 'AWS::RDS::DBInstance');
  const [parameters] = resourcesOf(templates, 'AWS::RDS::DBParameterGroup');

  it('is one encrypted PostgreSQL that nobody outside reaches', () => {
    expect(database?.Properties).toMatchObject({
      Engine: 'postgres',
      EngineVersion: config.landing.postgres,
      DBInstanceClass: config.landing.instance,
      MultiAZ: config.landing.multiAz,
      StorageEncrypted: true,
      PubliclyAccessible: false,
      DBName: 'millrace',
      BackupRetentionPeriod: config.landing.backupDays,
    });
  });

  it('has an owner whose password RDS makes and rotates, and tokens of IAM for everybody else', () => {
    expect(database?.Properties).toMatchObject({
      MasterUsername: 'millrace_prepare',
      ManageMasterUserPassword: true,
      EnableIAMDatabaseAuthentication: true,
    });
    expect(database?.Properties).not.toHaveProperty('MasterUserPassword');
    expect(resourcesOf(templates, 'AWS::SecretsManager::Secret')).toEqual([]);
  });

  it.each([
    ['rds.force_ssl', '1'],
    ['password_encryption', 'scram-sha-256'],
    ['timezone', 'UTC'],
    ['tcp_keepalives_idle', '30'],
    ['tcp_keepalives_interval', '10'],
    ['tcp_keepalives_count', '3'],
    ['idle_in_transaction_session_timeout', '60000'],
  ])('sets %s to %s', (name, value) => {
    expect(parameters?.Properties['Parameters']).toMatchObject({ [name]: value });
  });

  it('is protected and leaves a snapshot, unless the stage says why its data may go', () => {
    const isKept = config.data === 'retain';
    expect(database?.Properties['DeletionProtection']).toBe(isKept);
    expect(database?.DeletionPolicy).toBe(isKept ? 'Snapshot' : 'Delete');
  });

  it('has neither a proxy nor a cluster', () => {
    const types = resourcesOf(templates).map(({ Type }) => Type);
    expect(types).not.toContain('AWS::RDS::DBProxy');
    expect(types).not.toContain('AWS::RDS::DBCluster');
  });
});
