import { describe, expect, it } from 'vitest';
import { eraseEvent, keysOf, tablesOf } from '../../../functions/erase/event.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';

const pipeline = 'random-users';
const key = '1b4e28ba-2fa1-4d2b-883f-b9a761bde3fb';

describe('What erase is asked', () => {
  it('changes nothing unless it says so', () => {
    expect(eraseEvent.parse({ pipeline, keys: [key] })).toMatchObject({ dryRun: true, reapply: false });
  });

  it.each([
    ['no key', { pipeline }, /an erase of everything is refused/],
    ['an empty list of keys', { pipeline, keys: [] }, /Too small/],
    ['keys beside reapply', { pipeline, keys: [key], reapply: true }, /expected keys, or reapply/],
    ['a table beside keys', { pipeline, keys: [key], table: 'users' }, /table with reapply only/],
    ['a change that nobody asks for', { pipeline, keys: [key], dryRun: false }, /expected who asks/],
    ['a cursor that is none', { pipeline, keys: [key], cursor: { phase: 'look' } }, /Invalid input/],
  ])('is refused: %s', (_, event, message) => {
    expect(eraseEvent.safeParse(event).error?.message).toMatch(message);
  });

  it('takes each key once, however it is written', () => {
    expect(keysOf(randomUsers, [key, key.toUpperCase()])).toEqual([key]);
  });

  it('refuses what can be no key, by its number', () => {
    expect(() => keysOf(randomUsers, [key, 'somebody'])).toThrow(
      /values of user_id, a uuid, got another thing as number 2/,
    );
  });

  it('is about all tables, or the one that is named', () => {
    expect(tablesOf(randomUsers, undefined)).toEqual(['users', 'users_by_country']);
    expect(tablesOf(randomUsers, 'users')).toEqual(['users']);
    expect(() => tablesOf(randomUsers, 'people')).toThrow(/one of its tables, users, users_by_country, got people/);
  });
});
