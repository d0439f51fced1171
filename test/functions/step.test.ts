import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { log } from '../../functions/log.ts';
import { stepHandler } from '../../functions/step.ts';
import { PipelineError } from '../../streaming/errors.ts';

const context = { getRemainingTimeInMillis: () => 1000 };
const event = z.object({ pipeline: z.string() });

beforeEach(() => {
  log.level = 'silent';
});
afterEach(() => {
  vi.restoreAllMocks();
  log.level = 'info';
});

it('answers what the step answers and logs it in one line', async () => {
  const info = vi.spyOn(log, 'info');
  const handler = stepHandler('relay', event, async ({ pipeline }) => ({ published: pipeline.length }));
  expect(await handler({ pipeline: 'abc' }, context)).toEqual({ published: 3 });
  expect(info.mock.calls.map(([line]) => line)).toEqual([
    { step: 'relay', ms: expect.any(Number), answer: { published: 3 } },
  ]);
});

it('logs only what may be logged of an answer that holds records', async () => {
  const info = vi.spyOn(log, 'info');
  const handler = stepHandler(
    'inspect',
    event,
    async () => ({ rows: ['Ann'] }),
    ({ rows }) => ({ rows: rows.length }),
  );
  await handler({ pipeline: 'abc' }, context);
  expect(info.mock.calls[0]?.[0]).toMatchObject({ answer: { rows: 1 } });
});

const metricLine = (values: object) =>
  expect.objectContaining({ _aws: expect.anything(), stage: 'local', pipeline: 'abc', ...values });

it('logs what was measured, one line for each pipeline', async () => {
  const info = vi.spyOn(log, 'info');
  const handler = stepHandler('relay', event, async ({ pipeline }, _context, measure) => {
    measure(pipeline, { RecordsPublished: 3 });
    return {};
  });
  await handler({ pipeline: 'abc' }, context);
  expect(info.mock.calls.map(([line]) => line).slice(1)).toEqual([metricLine({ RecordsPublished: 3 })]);
});

it('logs what a failed run measured', async () => {
  const info = vi.spyOn(log, 'info');
  const failing = stepHandler('extract', event, async ({ pipeline }, _context, measure) => {
    measure(pipeline, { SourceEmpty: 1 });
    throw new PipelineError('source: empty', { code: 'source_empty', at: 'source', retriable: true });
  });
  await expect(failing({ pipeline: 'abc' }, context)).rejects.toMatchObject({ name: 'source_empty' });
  expect(info.mock.calls.map(([line]) => line)).toEqual([metricLine({ SourceEmpty: 1 })]);
});

it('lets a failed run leave by its code, which Lambda answers as errorType', async () => {
  const failing = stepHandler('relay', event, async () => {
    throw new PipelineError('topic: gone', { code: 'topic_truncated', at: 'topic', retriable: false });
  });
  await expect(failing({ pipeline: 'abc' }, context)).rejects.toMatchObject({
    name: 'topic_truncated',
    message: 'topic: gone',
  });
});

it('lets anything else leave as a failed step', async () => {
  const failing = stepHandler('relay', event, async () => Promise.reject(new TypeError('x is not a function')));
  await expect(failing({ pipeline: 'abc' }, context)).rejects.toMatchObject({ name: 'step_failed' });
});

it('refuses an event that does not fit and says what was expected', async () => {
  const handler = stepHandler('relay', event, async () => ({}));
  await expect(handler({}, context)).rejects.toMatchObject({
    name: 'bad_request',
    message: expect.stringMatching(/pipeline/),
  });
});
