import { type MetricName, metricNamespace } from '../../functions/metrics.ts';
import type { Definition } from '../../streaming/definition.ts';
import { stepMs } from '../../streaming/schedule.ts';
import type { Watched } from '../aws-metrics.ts';
import type { Config } from '../config.ts';
import { logGroupName } from '../names.ts';
import type { AlarmSpec } from './alarms.ts';
import { type PipelineLimits, pipelineLimits } from './limits.ts';

/** Metric of a pipeline that our own steps print. */
export function ownMetric({ stage }: Config, { name: pipeline }: Definition, name: MetricName): Watched {
  return { namespace: metricNamespace, name, dimensions: { stage, pipeline } };
}

/** What can go wrong with a pipeline's records, in path order. */
export function pipelineAlarms(config: Config, pipeline: Definition): readonly AlarmSpec[] {
  const limits = pipelineLimits(config, pipeline);
  const specs = { ...beforeTopic(pipeline, limits), ...afterTopic(limits), ...ofUpkeep };
  return (Object.entries(specs) as [MetricName, Spec][]).map(([name, spec]) => {
    // Supervise measures every minute, whatever there is to do: when it is silent, nobody watches. One alarm says so.
    const isSilenceBad = name === 'StalledSeconds';
    const silence = isSilenceBad ? ' Without data: supervise does not run.' : '';
    return {
      id: `${pipeline.name}-${name}`,
      metric: ownMetric(config, pipeline, name),
      isSilenceBad,
      ...spec,
      says: `${pipeline.name}: ${spec.says}${silence}`,
    };
  });
}

type Spec = Omit<AlarmSpec, 'id' | 'metric' | 'isSilenceBad'>;

const fiveMinutes = 300;
const hour = 3600;

function beforeTopic({ schedule }: Definition, { unpublishedSeconds }: PipelineLimits) {
  return {
    SourceEmpty: {
      statistic: 'Maximum',
      periodSeconds: stepMs(schedule.every) / 1000,
      periods: 2,
      limit: { above: 0 },
      says:
        `the source gave no records in two runs. ${logGroupName('extract')} has what it answered; ask it by hand. ` +
        'The runs stay open and are made up for.',
    },
    UnclosedInstants: {
      statistic: 'Maximum',
      periodSeconds: hour,
      periods: 3,
      limit: { above: 0 },
      says: `runs stay open although settle asks for them every hour. ${logGroupName('extract')} says what they fail of.`,
    },
    UnpublishedAge: {
      statistic: 'Maximum',
      periodSeconds: fiveMinutes,
      periods: 2,
      limit: { above: unpublishedSeconds },
      says: `rows wait in landing and do not reach the topic. Look at ${logGroupName('relay')} and whether the brokers answer.`,
    },
  } as const satisfies Partial<Record<MetricName, Spec>>;
}

function afterTopic({ catchUpSeconds, uncoveredRecords, stalledSeconds, deadLettersAnHour }: PipelineLimits) {
  return {
    UncoveredRecords: {
      statistic: 'Minimum',
      periodSeconds: catchUpSeconds,
      periods: 2,
      limit: { above: uncoveredRecords },
      says: 'the tables fall behind: more comes than they absorb. Give the stream more executors, or ask the source for less.',
    },
    StalledSeconds: {
      statistic: 'Maximum',
      periodSeconds: fiveMinutes,
      periods: 1,
      limit: { above: stalledSeconds },
      says: `the tables absorb nothing although there is something to. Look at ${logGroupName('supervise')} and the driver's log of the last job run.`,
    },
    UnbalancedRuns: {
      statistic: 'Maximum',
      periodSeconds: hour,
      periods: 2,
      limit: { above: 0 },
      says: `records of a run are not where they should be, an hour after it last moved. ${logGroupName('reconcile')} names the runs, and at which noun they stop.`,
    },
    DeadLetters: {
      statistic: 'Sum',
      periodSeconds: hour,
      periods: 1,
      limit: { above: deadLettersAnHour },
      says: 'records could not go on. Table dead_letters has their reasons: a source that changed needs a definition that does.',
    },
    DataLoss: {
      statistic: 'Maximum',
      periodSeconds: fiveMinutes,
      periods: 1,
      limit: { above: 0 },
      says: `the topic no longer holds records that the tables lack. ${logGroupName('supervise')} names the hole; the pipeline stands until somebody accepts it.`,
    },
  } as const satisfies Partial<Record<MetricName, Spec>>;
}

/** Landing's days come and go by the hour; Airflow tells of a run when it has failed. */
const ofUpkeep = {
  OverdueDays: {
    statistic: 'Maximum',
    periodSeconds: hour,
    periods: 2,
    limit: { above: 0 },
    says: `landing keeps days that are due to go, because rows of them are not in the tables. npm run retain names the days, npm run reconcile the runs; ${logGroupName('reconcile')} as well.`,
  },
  RowsInNet: {
    statistic: 'Maximum',
    periodSeconds: hour,
    periods: 1,
    limit: { above: 0 },
    says: `rows landed on a day that nobody had made ready: they are safe and go their way, but their day is never dropped. ${logGroupName('retain')} says why it makes no days ahead.`,
  },
  FailedDags: {
    statistic: 'Sum',
    periodSeconds: fiveMinutes,
    periods: 1,
    limit: { above: 0 },
    says: `a run of Airflow has failed. ${logGroupName('notify')} says which; its page has the log of the task that failed, and what to do.`,
  },
} as const satisfies Partial<Record<MetricName, Spec>>;
