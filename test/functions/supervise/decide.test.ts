import { expect, it } from 'vitest';
import { decide, type Situation } from '../../../functions/supervise/decide.ts';

const generation = { generation: 3, version: 'v1', startingOffsets: { people: { 0: 5 } }, jobRun: 'job-3' };
const running: Situation = {
  version: 'v1',
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
