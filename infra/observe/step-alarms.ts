import { type StepName, type StepSpec, steps } from '../../functions/steps.ts';
import { watched } from '../aws-metrics.ts';
import { functionName, logGroupName } from '../names.ts';
import type { AlarmSpec } from './alarms.ts';
import { mostMappingLag } from './limits.ts';

/** A step that is not called has no data. */
const every = { periodSeconds: 300, isSilenceBad: false } as const;

export function stepAlarms(): readonly AlarmSpec[] {
  return steps.flatMap(alarmsOfStep);
}

/** One failure of a step that is called every minute is mended by the next call. */
function alarmsOfStep({ name, schedule }: StepSpec & { readonly name: StepName }): readonly AlarmSpec[] {
  const of = { FunctionName: functionName(name) };
  const periods = schedule === 'minute' || schedule === 'instant' ? 3 : 1;
  const any = { ...every, statistic: 'Sum', periods, limit: { above: 0 } } as const;
  return [
    {
      ...any,
      id: `${name}-errors`,
      metric: watched('functionErrors', of),
      says: `step ${name} fails. Look at ${logGroupName(name)}, which says at what, and what to do.`,
    },
    {
      ...any,
      id: `${name}-throttles`,
      metric: watched('functionThrottles', of),
      says: `step ${name} is not let run: the account's concurrency is used up, or the step's own. Look what runs too long, or ask AWS for more.`,
    },
  ];
}

/** What calls the steps: the pollers of the audit topics, and the schedules. */
export function callAlarms(undelivered: string): readonly AlarmSpec[] {
  return [
    {
      ...every,
      id: 'audit-lag',
      metric: watched('mappingLag', { FunctionName: functionName('audit') }),
      statistic: 'Maximum',
      periods: 3,
      limit: { above: mostMappingLag },
      says: `what the stream reports is not read. Look at ${logGroupName('audit')}: it is asked again until it takes them.`,
    },
    {
      ...every,
      id: 'schedules-undelivered',
      metric: watched('queueDepth', { QueueName: undelivered }),
      statistic: 'Maximum',
      periods: 1,
      limit: { above: 0 },
      says:
        'calls of the schedule could not be delivered. Look at the messages of the queue, which say which and why, and ' +
        'empty it then: settle makes up for the runs.',
    },
  ];
}
