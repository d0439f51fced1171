import { describe, expect, it } from 'vitest';
import { judgeOf } from '../../../functions/extract/judge.ts';
import { versionField } from '../../../streaming/fields.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { type BadName, badPeople } from '../../source-server/bad-people.ts';
import { recordedPeople } from '../../source-server/people.ts';

const instant = new Date('2026-11-24T17:00:00Z');
const now = instant.getTime() + 1000;
const plan = { source: 'sample', requested: 200, pageSize: 100, pages: 2 };
const window = { from: '2026-11-24T16:59:00.000Z', until: '2026-11-24T17:00:00.000Z' };
const page = { run: 'r', instant, plan, ask: { seed: 's', page: 2, size: 100, ...window }, now };
const [good] = recordedPeople();
if (good === undefined) throw new Error('test data: expected people, got none');

describe('A record of the source', () => {
  it.each(Object.keys(badPeople) as BadName[])('that is bad (%s) dies where it must', (name) => {
    const { at, reason, of } = badPeople[name];
    const { rows, rejected, received } = judgeOf(randomUsers)({ records: [good, of(good)], last: false }, page);
    const origin = instant.getTime() * 1000 + 101;
    expect(received).toBe(2);
    if (at === 'source') expect(rejected).toMatchObject([{ identity: String(origin), at, reason, run: 'r' }]);
    // Quality rules are Spark SQL: the stream judges them.
    else expect(rows.map((row) => row.origin)).toEqual([origin - 1, origin]);
  });
});

describe('A version that the record claims itself', () => {
  const byRegistered = judgeOf({ ...randomUsers, version: versionField('registered') });
  const registeredAt = (ms: number) => ({ ...good, registered: { date: new Date(ms).toISOString() } });

  it.each([
    ['1970', 0],
    ['long ago', Date.parse('2010-01-01T00:00:00Z')],
    ['five minutes ahead', now + 5 * 60_000],
  ])('of %s is kept, in microseconds', (_when, ms) => {
    const { rows } = byRegistered({ records: [registeredAt(ms)], last: false }, page);
    expect(rows).toMatchObject([{ version: ms * 1000 }]);
  });

  it.each([
    ['before 1970', -1],
    ['more than five minutes ahead', now + 5 * 60_000 + 1],
  ])('%s is a dead letter', (_when, ms) => {
    const { rows, rejected } = byRegistered({ records: [registeredAt(ms)], last: false }, page);
    expect(rows).toEqual([]);
    expect(rejected).toMatchObject([{ reason: 'bad_version', field: 'registered' }]);
  });
});
