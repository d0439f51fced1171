import { describe, expect, it } from 'vitest';
import { judgeOf } from '../../../functions/extract/judge.ts';
import { againOf } from '../../../functions/redrive/again.ts';
import type { TakenLetter } from '../../../functions/redrive/redrives.ts';
import type { Definition } from '../../../streaming/definition.ts';
import { oneOf, text, versionField } from '../../../streaming/fields.ts';
import { randomUsers as typed } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { type BadName, badPeople } from '../../source-server/bad-people.ts';
import { recordedPeople } from '../../source-server/people.ts';

const randomUsers: Definition = typed;
const instant = new Date('2026-11-24T17:00:00Z');
const now = instant.getTime() + 1000;
const origin = instant.getTime() * 1000;
const page = {
  ...{ run: 'r', instant, plan: { source: 'sample', requested: 1, pageSize: 1, pages: 1 }, now },
  ask: { seed: 's', page: 1, size: 1, from: '2026-11-24T16:59:00.000Z', until: '2026-11-24T17:00:00.000Z' },
};
const [good] = recordedPeople();
if (good === undefined) throw new Error('test data: expected people, got none');

/** The letter that extract leaves of a record, as it comes back from PostgreSQL. */
function letterOf(raw: unknown, by: Definition = randomUsers): TakenLetter {
  const [letter] = judgeOf(by)({ records: [raw], last: false }, page).rejected;
  if (letter === undefined) throw new Error('expected a record that is refused');
  return { ...JSON.parse(JSON.stringify(letter)), attempts: 1 };
}

/** What lands of a record by a definition that takes it. */
function landedOf(raw: unknown, by: Definition = randomUsers) {
  const [row] = judgeOf(by)({ records: [raw], last: false }, page).rows;
  if (row === undefined) throw new Error('expected a record that lands');
  return row;
}

const again = (letter: TakenLetter, by: Definition = randomUsers, at = now) => againOf(by)(letter, at);
const stream = (payload: unknown): TakenLetter => ({
  ...{ identity: String(origin), run: 'r', at: 'stream', reason: 'quality:x', field: null, attempts: 1 },
  payload,
});

describe('A letter of the source', () => {
  const kept: BadName[] = ['missingKey', 'badKey', 'missingField', 'impossibleDate'];
  it.each(kept)('dies again of the same while nothing has changed: %s', (name) => {
    const letter = letterOf(badPeople[name].of(good));
    expect(again(letter)).toEqual({ do: 'die', reason: letter.reason, field: letter.field });
  });

  const cut: BadName[] = ['wrongType', 'oversizedText', 'oversizedRecord', 'nulByte', 'notAnObject'];
  it.each(cut)('is left as it is when it does not hold what was said: %s', (name) => {
    expect(again(letterOf(badPeople[name].of(good)))).toEqual({ do: 'refuse', because: 'not_kept' });
  });

  it('is left as it is even when the definition would take the word that stands for something', () => {
    const lenient = { ...randomUsers, record: { ...randomUsers.record, email: text('email').pii('direct') } };
    const letter = letterOf({ ...good, email: { at: 'x' } });
    expect(letter.payload).toMatchObject({ email: '(an object)' });
    expect(again(letter, lenient)).toEqual({ do: 'refuse', because: 'not_kept' });
  });

  it('lands once its definition takes it, as it would have landed then', () => {
    const narrow = { ...randomUsers, record: { ...randomUsers.record, gender: oneOf('gender', ['x']).pii('quasi') } };
    const letter = letterOf(good, narrow);
    expect(letter.reason).toBe('not_allowed');
    expect(again(letter)).toEqual({ do: 'land', row: landedOf(good) });
  });

  it('says what is wrong now, which may be something else', () => {
    const letter = letterOf({ ...good, email: null });
    const record = { ...randomUsers.record, email: text('email').nullable().pii('direct') };
    const narrow = { ...randomUsers, record: { ...record, gender: oneOf('gender', ['x']).pii('quasi') } };
    expect(again(letter, narrow)).toEqual({ do: 'die', reason: 'not_allowed', field: 'gender' });
  });

  it('that claimed a version of the future lands when that has come, with that version', () => {
    const byRegistered = { ...randomUsers, version: versionField('registered') };
    const ahead = now + 3_600_000;
    const raw = { ...good, registered: { date: new Date(ahead).toISOString() } };
    const letter = letterOf(raw, byRegistered);
    expect(again(letter, byRegistered)).toEqual({ do: 'die', reason: 'bad_version', field: 'registered' });
    const row = { origin, version: ahead * 1000, payload: landedOf(raw).payload };
    expect(again(letter, byRegistered, ahead)).toEqual({ do: 'land', row });
  });
});

describe('A letter of what had landed', () => {
  const { payload } = landedOf(good);

  it('lands as it was, with its origin as its version', () => {
    expect(again(stream(payload))).toEqual({ do: 'land', row: { origin, version: origin, payload } });
  });

  it('keeps the version that the record claims', () => {
    const by = { ...randomUsers, version: versionField('registered') };
    const version = Number(payload['registered']) * 1000;
    expect(again(stream(payload), by)).toEqual({ do: 'land', row: { origin, version, payload } });
  });

  it('is judged by nobody here: what the stream said of it, the stream says again', () => {
    expect(again(stream({ ...payload, email: 'example.com' }))).toMatchObject({ do: 'land' });
  });

  it.each<[string, unknown, string]>([
    ['has a record that today’s definition cannot hold', { ...payload, born: null }, 'unfit'],
    ['has none, because it was too large and landing has gone', null, 'not_kept'],
  ])('that %s is left as it is', (_, record, because) => {
    expect(again(stream(record))).toEqual({ do: 'refuse', because });
  });
});

it.each(['random-users.v1-0-12', '', '12x'])('A foreign message is none of ours to send: %j', (identity) => {
  expect(again({ ...stream('AAAA'), identity })).toEqual({ do: 'refuse', because: 'foreign' });
});
