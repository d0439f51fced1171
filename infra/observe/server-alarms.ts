import type { Definition } from '../../streaming/definition.ts';
import { keyspace } from '../../streaming/names.ts';
import { watched } from '../aws-metrics.ts';
import type { Config } from '../config.ts';
import { applicationName, clusterName, databaseInstance } from '../names.ts';
import type { AlarmSpec } from './alarms.ts';
import { serverLimits } from './limits.ts';

/** None of them has data all the time: silence says nothing. */
const every = { periodSeconds: 300, isSilenceBad: false } as const;

export function landingAlarms(config: Config): readonly AlarmSpec[] {
  const database = { DBInstanceIdentifier: databaseInstance };
  const { leastFreeBytes, mostConnections } = serverLimits(config);
  return [
    {
      ...every,
      id: 'landing-storage',
      metric: watched('freeStorage', database),
      statistic: 'Minimum',
      periods: 2,
      limit: { below: leastFreeBytes },
      says:
        'PostgreSQL runs out of disk. It grows by itself up to five times its size; beyond that raise ' +
        'landing.storageGb, and see why rows stay in landing.',
    },
    {
      ...every,
      id: 'landing-connections',
      metric: watched('connections', database),
      statistic: 'Maximum',
      periods: 3,
      limit: { above: mostConnections },
      says: 'more connections to PostgreSQL than the steps need, and soon more than it takes. pg_stat_activity says whose they are.',
    },
  ];
}

export function topicAlarms(config: Config): readonly AlarmSpec[] {
  return brokersOf(config).map((broker) => ({
    ...every,
    id: `topic-disk-${broker}`,
    metric: watched('brokerDisk', { 'Cluster Name': clusterName, 'Broker ID': broker }),
    statistic: 'Maximum',
    periods: 2,
    limit: { above: serverLimits(config).mostDiskPercent },
    says: `broker ${broker} of Kafka runs out of disk. Raise topic.volumeGb, or keep the topics for fewer days.`,
  }));
}

/** Ids of the brokers, as MSK counts them. */
export const brokersOf = ({ topic }: Config) => Array.from({ length: topic.brokers }, (_, index) => String(index + 1));

export function streamAlarms(applicationId: string): readonly AlarmSpec[] {
  return [
    {
      ...every,
      id: 'stream-jobs',
      metric: watched('failedJobs', { ApplicationId: applicationId, ApplicationName: applicationName }),
      statistic: 'Maximum',
      periods: 1,
      limit: { above: 0 },
      says: "a job run of Spark failed for good. supervise starts the next one; the driver's log has the reason.",
    },
  ];
}

/** The stream writes by INSERT, and by nothing else. */
export function tableAlarms({ tables }: Definition): readonly AlarmSpec[] {
  return Object.keys(tables).flatMap((TableName) => {
    const of = { Keyspace: keyspace, TableName, Operation: 'INSERT' };
    const any = { ...every, statistic: 'Sum', limit: { above: 0 } } as const;
    return [
      {
        ...any,
        id: `${TableName}-throttled`,
        metric: watched('writeThrottles', of),
        periods: 3,
        says: `${TableName}: Keyspaces puts writes off. Should it last, look whether one partition takes most of them, and at the account's limit for tables.`,
      },
      {
        ...any,
        id: `${TableName}-failing`,
        metric: watched('tableErrors', of),
        periods: 3,
        says: `${TableName}: Keyspaces fails at writes. They are tried again; should it last, look at AWS's health page.`,
      },
      {
        ...any,
        id: `${TableName}-refused`,
        metric: watched('tableRefusals', of),
        periods: 1,
        says: `${TableName}: Keyspaces refuses writes as wrong. Look at the driver's log of the job run, which names the statement.`,
      },
    ];
  });
}
