import type { Definition } from '../../streaming/definition.ts';
import type { Watched } from '../aws-metrics.ts';
import type { Config } from '../config.ts';
import { pipelineAlarms } from './pipeline-alarms.ts';
import { landingAlarms, streamAlarms, tableAlarms, topicAlarms } from './server-alarms.ts';
import { callAlarms, stepAlarms } from './step-alarms.ts';

/** What is watched, from when on somebody is told, and what he is to do then. */
export interface AlarmSpec {
  /** Unique, and the end of the alarm's name. */
  readonly id: string;
  readonly metric: Watched;
  readonly statistic: 'Maximum' | 'Minimum' | 'Sum';
  readonly periodSeconds: number;
  /** Periods in a row. */
  readonly periods: number;
  /** Told at more than, or at less than, so much. */
  readonly limit: { readonly above: number } | { readonly below: number };
  /** Whether no data at all is as bad. */
  readonly isSilenceBad: boolean;
  /** What it means, and what to do. */
  readonly says: string;
}

export interface ObserveProps {
  readonly config: Config;
  readonly pipelines: readonly Definition[];
  /** Id of the Spark application. */
  readonly applicationId: string;
  /** Name of the queue of what the schedules could not deliver. */
  readonly undelivered: string;
}

/** Every alarm of a stage: those of each pipeline's records first, then those of what carries them, in path order. */
export function alarmsOf(props: ObserveProps): readonly AlarmSpec[] {
  const { config, pipelines, applicationId, undelivered } = props;
  return [
    ...pipelines.flatMap((pipeline) => pipelineAlarms(config, pipeline)),
    ...landingAlarms(config),
    ...topicAlarms(config),
    ...streamAlarms(applicationId),
    ...pipelines.flatMap(tableAlarms),
    ...stepAlarms(),
    ...callAlarms(undelivered),
  ];
}
