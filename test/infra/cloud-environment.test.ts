import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isMetricLine } from '../../functions/metrics.ts';
import type { StepName } from '../../functions/steps.ts';
import { type Cloud, call, region, requestedJobRun, startCloud } from './cloud/cloud-functions.ts';

/** What a function does because of its environment on AWS, beside the services that it asks. */

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud?.stop());
beforeEach(() => {
  cloud.aws.forget();
  cloud.rds.forget();
});

describe('The configured endpoints', () => {
  it.each<[StepName, string, object]>([
    ['relay', 'glue', { pipeline: 'random-users' }],
    ['prepare', 'secretsmanager', {}],
    ['settle', 'lambda', { pipeline: 'random-users', from: '2026-11-24T17:00:00Z', to: '2026-11-24T17:01:00Z' }],
  ])('are ignored by %s where AWS_IGNORE_CONFIGURED_ENDPOINT_URLS says so', async (step, service, event) => {
    await cloud.trustRds(step);
    const { failed, log } = await call(cloud, step, event, { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' });
    expect(failed).toBe(true);
    expect(log).toContain(`${service}.${region}.amazonaws.com`);
    expect(cloud.aws.requests).toEqual([]);
  });
});

describe('The source of a run that names none', () => {
  const sources = { SOURCE: 'ftp://of-all', SOURCES: '{"random-users":"ftp://of-one"}' };

  it.each([
    ['its pipeline’s own', 'random-users', 'ftp://of-one'],
    ['that of all', 'earthquakes', 'ftp://of-all'],
  ])('is %s', async (_whose, pipeline, source) => {
    const { answer } = await call(cloud, 'extract', { pipeline, instant: '2026-11-24T17:00:00Z' }, sources);
    expect(answer).toMatchObject({ errorType: 'bad_request', errorMessage: expect.stringContaining(`got ${source}`) });
  });
});

it('A call prints its metrics as CloudWatch takes them out of a log', async () => {
  const { log } = await requestedJobRun(cloud);
  const lines = log
    .split('\n')
    .filter(isMetricLine)
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    expect.objectContaining({
      _aws: expect.objectContaining({ CloudWatchMetrics: [expect.objectContaining({ Namespace: 'Millrace' })] }),
      ...{ stage: 'dev', pipeline: 'random-users', UnpublishedAge: 7, UncoveredRecords: 5, DataLoss: 0 },
    }),
  ]);
});
