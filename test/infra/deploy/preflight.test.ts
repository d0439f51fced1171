import { describe, expect, it } from 'vitest';
import { murmur3 } from '../../../functions/adapters/cassandra/keyspaces.ts';
import { configOf } from '../../../infra/config.ts';
import type { Account } from '../../../infra/deploy/account.ts';
import { preflight } from '../../../infra/deploy/preflight.ts';

const usual: Account = {
  identity: async () => ({ account: '111122223333', arn: 'arn:aws:iam::111122223333:user/somebody' }),
  stacks: async () => [{ name: 'CDKToolkit', status: 'CREATE_COMPLETE', outputs: { BootstrapVersion: '30' } }],
  concurrency: async () => 1000,
  kafkaVersions: async () => ['4.1.x.kraft'],
  releases: async (prefix) => [prefix],
  partitioner: async () => murmur3,
};

const found = async (account: Partial<Account>, asked: string, stage = 'dev') =>
  (await preflight(configOf(stage), { ...usual, ...account }, false)).find((finding) => finding.asked === asked);

describe('The preflight', () => {
  it.each(['dev', 'full', 'prod'])('finds nothing wrong with an account that is ready for %s', async (stage) => {
    const findings = await preflight(configOf(stage), usual, false);
    expect(findings.filter(({ state }) => state === 'no')).toEqual([]);
    expect(findings.map(({ asked }) => asked)).toEqual([
      'credentials',
      'region',
      'bootstrap',
      'stages',
      'Lambda',
      'Kafka',
      'EMR',
      'Keyspaces',
      'Airflow',
    ]);
  });

  it('names the statement that sets the partitioner, when it is another one', async () => {
    const finding = await found({ partitioner: async () => 'com.amazonaws.cassandra.DefaultPartitioner' }, 'Keyspaces');
    expect(finding?.state).toBe('no');
    expect(finding?.says).toContain(`UPDATE system.local SET partitioner = '${murmur3}' WHERE key = 'local';`);
  });

  it('needs room for what prod reserves, per pipeline, and a hundred more', async () => {
    const finding = await found({ concurrency: async () => 110 }, 'Lambda', 'prod');
    expect(finding?.says).toMatch(/^expected 137 concurrent executions for what the stage reserves, got 110/);
  });

  it('goes on asking when one answer is an error, and shows it', async () => {
    const findings = await preflight(
      configOf('dev'),
      { ...usual, kafkaVersions: () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' })) },
      false,
    );
    expect(findings.find(({ asked }) => asked === 'Kafka')).toMatchObject({ state: 'no', says: 'AccessDenied: no' });
    expect(findings.find(({ asked }) => asked === 'EMR')?.state).toBe('ok');
  });
});
