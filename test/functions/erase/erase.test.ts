import { beforeEach, describe, expect, it } from 'vitest';
import { beginning, type Cursor, type Erased, erase, look, reapply } from '../../../functions/erase/erase.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { landed, person, type World, world } from './fakes.ts';

let made: World;

/** Person 1 is everywhere, 2 in landing alone, 3 in the tables alone. */
beforeEach(() => {
  made = world();
  made.landing = [landed(1, '1'), landed(2, '2'), landed(3, '1', 2_000_000), landed(4, '7')];
  made.letters = [person('1')];
  made.unreadable = [person('1'), person('7')];
  for (const key of ['1', '3', '7']) {
    made.users.set(person(key), { key: person(key), at: [] });
    made.byCountry.set(person(key), { key: person(key), at: [] });
  }
});

const looked = (...keys: readonly string[]) => look(made.ports, randomUsers, keys.map(person), beginning);
const erased = (keys: readonly string[], from: Cursor = beginning) =>
  erase(made.ports, randomUsers, { keys: keys.map(person), who: 'somebody' }, from);

describe('A look for keys', () => {
  it('says how many rows each place has, and changes nothing', async () => {
    const found = await looked('1', '3');
    expect(found).toEqual({
      ...{ dryRun: true, keys: 2, suppressed: 0, unknown: [], until: null, cursor: null },
      found: { landing: 2, dead_letters: 1, unreadable_audit: 1, users: 2, users_by_country: 2 },
    });
    expect(made.log).toEqual([]);
  });

  it('names keys that are nowhere by their number, unless they are suppressed', async () => {
    expect((await looked('1', '8', '9')).unknown).toEqual([2, 3]);
    made.list.set(person('8'), new Date());
    expect(await looked('1', '8', '9')).toMatchObject({ unknown: [3], suppressed: 1 });
  });

  it.each([
    ['where there are no backups', undefined, null],
    ['where backups are kept', 35, '2026-12-25T12:00:00.000Z'],
  ])('says until when copies may be left, %s', async (_, backupDays, backups) => {
    made.list.set(person('1'), new Date('2026-11-20T12:00:00Z'));
    const found = await look({ ...made.ports, backupDays }, randomUsers, [person('1')], beginning);
    expect(found.until).toEqual({ topics: '2026-11-27T12:00:00.000Z', backups });
  });
});

describe('An erase', () => {
  it('leaves nothing of the keys, and everything of others', async () => {
    expect(await erased(['1', '2', '3'])).toMatchObject({
      erased: { landing: 3, dead_letters: 1, unreadable_audit: 1, users: 2, users_by_country: 2 },
      until: { topics: '2026-11-27T12:00:00.000Z' },
      cursor: null,
    });
    expect(await looked('1', '2', '3')).toMatchObject({
      found: { landing: 0, dead_letters: 0, unreadable_audit: 0, users: 0, users_by_country: 0 },
      unknown: [],
    });
    expect(await looked('7')).toMatchObject({
      found: { landing: 1, unreadable_audit: 1, users: 1, users_by_country: 1 },
    });
  });

  it('suppresses first, and removes a row where it is on its way before its payload is gone', async () => {
    await erased(['1']);
    expect(made.log).toEqual([
      ['suppress', ['1'], 'somebody'],
      ['remove', 'users_by_country', ['1'], 1_000_000],
      ['remove', 'users', ['1'], 1_000_000],
      ['remove', 'users_by_country', ['1'], 1_000_000],
      ['remove', 'users', ['1'], 1_000_000],
      ['empty', [1]],
      // Of a version that lies ahead of the clock the removal does too.
      ['remove', 'users_by_country', ['1'], 2_000_000],
      ['remove', 'users', ['1'], 2_000_000],
      ['empty', [3]],
      ['note', 9, expect.objectContaining({ done: true, erased: expect.objectContaining({ landing: 2 }) })],
      ['wake', 'relay', { pipeline: 'random-users' }],
    ]);
  });

  it.each([
    ['alone', ['9'], /got one that is in landing, dead letters and tables nowhere.*nothing was changed/],
    ['beside known ones', ['1', '9', '3'], /got 3, of which number 2 that is/],
  ])('refuses an unknown key %s, and changes nothing', async (_, keys, message) => {
    await expect(erased(keys)).rejects.toThrow(message);
    expect(made.log).toEqual([]);
  });

  it('never calls a key by its name', async () => {
    const refused = await erased(['9']).catch((error: Error) => error.message);
    expect(refused).not.toContain(person('9'));
    const answer = await erased(['1']);
    expect(JSON.stringify([answer, made.log.filter(([what]) => what === 'note')])).not.toContain(person('1'));
  });

  it('goes on where a call ran out of time, and suppresses once', async () => {
    const whole = await erased(['1', '3']);
    const suppressed = () => made.log.filter(([what]) => what === 'suppress').length;
    expect(suppressed()).toBe(1);
    made = world({ hasTime: pieceByPiece() });
    made.landing = [landed(1, '1'), landed(2, '2'), landed(3, '1', 2_000_000), landed(4, '7')];
    made.letters = [person('1')];
    made.unreadable = [person('1')];
    for (const key of ['1', '3']) {
      made.users.set(person(key), { key: person(key), at: [] });
      made.byCountry.set(person(key), { key: person(key), at: [] });
    }
    let answer: Erased = await erased(['1', '3']);
    let calls = 1;
    for (; answer.cursor !== null; calls += 1) answer = await erased(['1', '3'], answer.cursor);
    expect(calls).toBeGreaterThan(4);
    expect(answer.erased).toEqual(whole.erased);
    expect(suppressed()).toBe(1);
  });

  it('done again finds nothing, and is no mistake', async () => {
    await erased(['1']);
    expect(await erased(['1'])).toMatchObject({ erased: { landing: 0, dead_letters: 0, users: 0 } });
  });
});

describe('Tables that were filled anew', () => {
  it('are rid of every suppressed row, and of no other', async () => {
    await erased(['1']);
    made.byCountry.set(person('1'), { key: person('1'), at: [] });
    const { ports } = made;
    const only = { ...ports, tables: ports.tables.filter(({ name }) => name === 'users_by_country') };
    expect(await reapply(only, {}, beginning)).toEqual({ erased: { users_by_country: 1 }, cursor: null });
    expect([...made.byCountry.keys()]).toEqual([person('3'), person('7')]);
    expect(made.log.filter(([what]) => what === 'wake')).toEqual([['wake', 'relay', { pipeline: 'random-users' }]]);
  });

  it('are gone through to the end by calls that wake each other, however short each of them is', async () => {
    const asked = { pipeline: 'random-users', reapply: true, dryRun: false };
    const { ports } = made;
    for (const key of ['1', '3']) made.list.set(person(key), new Date());
    const first = await reapply({ ...ports, hasTime: pieceByPiece() }, asked, beginning);
    expect(made.log.at(-1)).toEqual(['wake', 'erase', { ...asked, cursor: first.cursor }]);
    expect([made.users.size, made.byCountry.size]).toEqual([3, 1]);
    const second = await reapply({ ...ports, hasTime: pieceByPiece() }, asked, first.cursor ?? beginning);
    expect(second).toEqual({ erased: { users: 2, users_by_country: 2 }, cursor: null });
    expect(made.log.filter(([what]) => what === 'wake')).toHaveLength(1);
  });
});

/** Time for one piece of a call, and no more. */
function pieceByPiece(): () => boolean {
  let asked = 0;
  return () => asked++ % 2 === 0;
}
