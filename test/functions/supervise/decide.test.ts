import { describe, expect, it } from 'vitest';
import { decide, type Situation } from '../../../functions/supervise/decide.ts';

const generation = {
  generation: 3,
  version: 'v1',
  mode: 'streaming' as const,
  startingOffsets: { people: { 0: 5 } },
  jobRun: 'job-3',
};
const running: Situation = {
  version: 'v1',
  mode: 'streaming',
  everySeconds: 900,
  sinceOpened: 60,
  hosted: ['people'],
  stalled: [],
  active: generation,
  job: { state: 'RUNNING', detail: '' },
};

it.each<[string, Partial<Situation>, object]>([
  ['keeps a job that is what it should be', {}, { do: 'keep' }],
  ['opens the first generation', { active: null, job: null }, { do: 'open' }],
  ['opens none when nothing is to be hosted', { active: null, job: null, hosted: [] }, { do: 'leave' }],
  ['starts one that was only written down', { active: { ...generation, jobRun: null }, job: null }, { do: 'start' }],
  [
    'starts even an outdated one, because it may be running and only its id lets it be cancelled',
    { active: { ...generation, jobRun: null }, job: null, version: 'v2' },
    { do: 'start' },
  ],
  ['waits for a job that is being started', { job: { state: 'PENDING', detail: '' } }, { do: 'leave' }],
  ['waits for a job that is being cancelled', { job: { state: 'CANCELLING', detail: '' } }, { do: 'leave' }],
  [
    'waits so even when the version differs',
    { job: { state: 'CANCELLING', detail: '' }, version: 'v2' },
    { do: 'leave' },
  ],
  ['cancels another version', { version: 'v2' }, { do: 'cancel', reason: 'version v2 replaces v1' }],
  ['cancels a pending other version', { version: 'v2', job: { state: 'PENDING', detail: '' } }, { do: 'cancel' }],
  ['cancels to host one more', { hosted: ['people', 'visits'] }, { do: 'cancel', reason: 'to host visits' }],
  ['cancels to host one less', { hosted: [] }, { do: 'cancel', reason: 'to host no longer people' }],
  [
    'cancels one that does nothing',
    { stalled: ['people'] },
    { do: 'cancel', reason: 'people absorbed nothing for too long' },
  ],
  [
    'lets one start that has done nothing yet',
    { stalled: ['people'], job: { state: 'PENDING', detail: '' } },
    { do: 'leave' },
  ],
  [
    'ends a failed one, whatever it did before',
    { stalled: ['people'], job: { state: 'FAILED', detail: '' } },
    { do: 'end' },
  ],
  [
    'ends a failed one',
    { job: { state: 'FAILED', detail: 'out of memory' } },
    { do: 'end', reason: 'FAILED out of memory' },
  ],
  ['ends a cancelled one', { job: { state: 'CANCELLED', detail: '' } }, { do: 'end' }],
  ['ends one that came to an end by itself', { job: { state: 'SUCCESS', detail: '' } }, { do: 'end' }],
  ['ends one that the service no longer knows', { job: { state: 'UNKNOWN', detail: '' } }, { do: 'end' }],
])('%s', (_what, change, expected) => {
  expect(decide({ ...running, ...change })).toMatchObject(expected);
});

describe('where a job reads what is there and ends', () => {
  const mode = 'available-now' as const;
  const batch: Situation = { ...running, mode, active: { ...generation, mode } };
  const over = { active: null, job: null };

  it.each<[string, Partial<Situation>, object]>([
    ['lets it read', {}, { do: 'keep' }],
    ['ends one that has read everything', { job: { state: 'SUCCESS', detail: '' } }, { do: 'end', reason: 'SUCCESS' }],
    ['starts the first at once', { ...over, sinceOpened: null }, { do: 'open' }],
    ['rests after one', { ...over, sinceOpened: 60 }, { do: 'leave', reason: 'the next job is due in 840 s' }],
    ['rests until half a minute before the time', { ...over, sinceOpened: 869 }, { do: 'leave' }],
    [
      'starts the next when it is time, as far as calls by the minute can tell',
      { ...over, sinceOpened: 870 },
      { do: 'open' },
    ],
    ['starts the next when more than the time has passed', { ...over, sinceOpened: 5000 }, { do: 'open' }],
    ['starts none when nothing is to be hosted', { ...over, sinceOpened: 5000, hosted: [] }, { do: 'leave' }],
    ['cancels one that does nothing', { stalled: ['people'] }, { do: 'cancel' }],
    [
      'replaces a job that would go on for ever',
      { active: generation },
      { do: 'cancel', reason: 'mode available-now replaces streaming' },
    ],
    [
      'is replaced by one that goes on for ever',
      { mode: 'streaming' },
      { do: 'cancel', reason: 'mode streaming replaces available-now' },
    ],
    ['does not make one rest that goes on for ever', { ...over, mode: 'streaming', sinceOpened: 1 }, { do: 'open' }],
  ])('%s', (_what, change, expected) => {
    expect(decide({ ...batch, ...change })).toMatchObject(expected);
  });
});
