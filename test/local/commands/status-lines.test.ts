import { describe, expect, it } from 'vitest';
import type { Status } from '../../../functions/inspect/inspect.ts';
import { statusLines, unwell } from '../../../local/commands/status-lines.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';

const now = new Date('2026-11-24T17:30:20Z');
const well: Status = {
  generation: { generation: 3, version: 'abc', jobRun: 'j', state: 'running', reason: null },
  pipelines: [
    {
      pipeline: 'random-users',
      desired: 'running',
      data_loss: null,
      running_generation: 3,
      runs: { open: 1, closed: 12 },
      first_instant: new Date('2026-11-24T17:18:00Z'),
      last_run: '2026-11-24T17:30:00Z',
      next_unclosed: null,
      landed: 1200,
      published: 1190,
      pending: 10,
      oldest_pending_seconds: 2.4,
      covered: 1180,
      foreign: 2,
      duplicates: 0,
      dead: [
        { at: 'source', reason: 'bad_uuid', count: 3 },
        { at: 'stream', reason: 'quality:email_has_at', count: 1 },
      ],
      lag: 12,
    },
  ],
};
const changed = (changes: object, generation: object = {}): Status =>
  ({ generation: { ...well.generation, ...generation }, pipelines: [{ ...well.pipelines[0], ...changes }] }) as Status;

describe('The status', () => {
  it('has one line per noun, in path order', () => {
    expect(statusLines(well, pipelines, now)).toEqual([
      ' source   random-users: 12 runs closed, 1 open, last 2026-11-24T17:30:00Z, next 17:31:00',
      ' landing  1,200 landed, 3 rejected, 10 waiting, oldest for 2 s',
      ' topic    1,190 published, 2 foreign, 0 duplicates',
      ' stream   1,180 covered, lag 12, 1 dead; generation 3',
      ' table    users, users_by_country',
    ]);
  });

  it.each<[string, object, object, string]>([
    ['a job that does not read yet', { running_generation: 2 }, { state: 'starting' }, 'generation 3 starting'],
    ['an operator who stopped it', { desired: 'stopped' }, {}, 'stopped by an operator'],
    ['offsets that are gone', { data_loss: { partition: 0 } }, {}, 'STOPPED, offsets are gone: {"partition":0}'],
  ])('says of the stream what keeps it: %s', (_, changes, generation, text) => {
    expect(statusLines(changed(changes, generation), pipelines, now)[3]).toContain(text);
  });

  it('finds nothing wrong when all is well', () => {
    expect(unwell(well)).toEqual([]);
    expect(unwell(changed({ desired: 'stopped', running_generation: null }))).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['nobody reads the topic', { running_generation: 2 }, /no job reads its topic; see logs/],
    ['rows wait for the relay', { oldest_pending_seconds: 61 }, /waited 61 s for the relay/],
    ['offsets are gone', { data_loss: { partition: 0 } }, /no longer holds offsets/],
  ])('is unwell when %s', (_, changes, problem) => {
    expect(unwell(changed(changes))).toEqual([expect.stringMatching(problem)]);
  });
});
