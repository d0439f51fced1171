import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StepClient, stepClient } from '../../local/step-client.ts';
import { fixtureFunction, type RunningAws, startTestAws } from './aws/local-aws.ts';

let aws: RunningAws;
let steps: StepClient;

beforeAll(async () => {
  aws = await startTestAws({ functions: [fixtureFunction('test-single')] });
  steps = stepClient({ url: aws.url, region: 'us-east-1', functionPrefix: 'test-', ...aws.client.credentials });
});
afterAll(async () => {
  steps?.close();
  await aws?.stop();
});

describe('A step', () => {
  it('answers what its handler returned', async () => {
    expect(await steps.call('single', { a: 1 })).toMatchObject({ event: { a: 1 }, functionName: 'test-single' });
  });

  it('that has no function free is put off, as one is under backpressure', async () => {
    const file = join(aws.folder, 'held');
    const first = steps.call('single', { do: 'meet', file, count: 2 });
    await expect.poll(() => existsSync(file), { timeout: 60_000 }).toBe(true);
    await expect(steps.call('single', {})).rejects.toMatchObject({
      name: 'StepFailure',
      code: 'backpressure',
      message: expect.stringMatching(/^single: expected a free function/),
    });
    appendFileSync(file, 'go on\n');
    expect(await first).toMatchObject({ pid: expect.any(Number) });
  });
});
