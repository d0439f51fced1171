import { expect, it } from 'vitest';
import { measured, metrics } from '../../functions/metrics.ts';
import { steps } from '../../functions/steps.ts';

it('A call’s measures are one line for each pipeline, as CloudWatch takes metrics out of a log', () => {
  const { measure, lines } = measured('dev');
  measure('people', { RecordsReceived: 10, RecordsLanded: 9 });
  measure('visits', { UnpublishedAge: 1.5 });
  measure('people', { RecordsReceived: 5 });
  expect(lines(1_764_003_600_000)).toEqual([
    {
      _aws: {
        Timestamp: 1_764_003_600_000,
        CloudWatchMetrics: [
          {
            Namespace: 'Millrace',
            Dimensions: [['stage', 'pipeline']],
            Metrics: [
              { Name: 'RecordsReceived', Unit: 'Count' },
              { Name: 'RecordsLanded', Unit: 'Count' },
            ],
          },
        ],
      },
      stage: 'dev',
      pipeline: 'people',
      RecordsReceived: 15,
      RecordsLanded: 9,
    },
    expect.objectContaining({ pipeline: 'visits', UnpublishedAge: 1.5 }),
  ]);
});

it('A call that measured nothing has no line', () => {
  expect(measured('dev').lines(0)).toEqual([]);
});

it('Every metric is printed by a step that there is', () => {
  const names: string[] = steps.map(({ name }) => name);
  for (const { step } of Object.values(metrics)) expect(names).toContain(step);
});
