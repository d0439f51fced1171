import { describe, expect, it } from 'vitest';
import { balanceOf, type Equation, imbalancesOf } from '../../functions/balance.ts';
import type { Account } from '../../functions/ports.ts';
import { account } from './reconcile/accounts.ts';

describe('An account', () => {
  it.each<[string, Partial<Account>, [Equation, number][]]>([
    ['holds when every record is somewhere', {}, []],
    ['of a run that is open says so', { closed: false }, [['run', 1]]],
    [
      'of 100 received, of which 95 landed and 4 were rejected, lacks one',
      { landed: 95, published: 95, covered: 95 },
      [['landing', 1]],
    ],
    ['with more rows than were received has one too many', { received: 99 }, [['landing', -1]]],
    ['of a run that waits for the relay lacks what waits', { published: 90, covered: 90 }, [['topic', 6]]],
    ['with more messages than rows has some too many', { published: 98, covered: 98 }, [['topic', -2]]],
    ['of a run under way to the tables lacks what is', { covered: 50 }, [['stream', 46]]],
    ['of a run that lost some to the topic lacks the rest', { covered: 50, lost: 40 }, [['stream', 6]]],
    [
      'names everything that does not hold, in path order',
      { closed: false, received: 99, published: 90, covered: 80 },
      [
        ['run', 1],
        ['landing', -1],
        ['topic', 6],
        ['stream', 10],
      ],
    ],
  ])('%s', (_, changes, expected) => {
    const found = imbalancesOf(account(changes));
    expect(found.map(({ equation, by }) => [equation, by])).toEqual(expected);
  });
});

describe('A run', () => {
  it.each<[string, Partial<Account>, boolean, string]>([
    ['balances when all holds', {}, false, 'balanced'],
    ['balances as well while it is at work', {}, true, 'balanced'],
    ['that is open and at work is under way', { closed: false }, true, 'under way'],
    ['that is open and moves no more does not balance', { closed: false }, false, 'unbalanced'],
    ['that waits for the tables is under way', { covered: 3 }, true, 'under way'],
    ['that waits for the tables for long does not balance', { covered: 3 }, false, 'unbalanced'],
    ['whose topic lost what nobody will see again is lost', { covered: 90, lost: 6 }, false, 'lost'],
    ['that waits for more than it lost is under way', { covered: 80, lost: 6 }, true, 'under way'],
    ['that lost a record between source and landing never will', { received: 101 }, true, 'unbalanced'],
    ['that published more than landed never will', { published: 97, covered: 97 }, true, 'unbalanced'],
  ])('%s', (_, changes, isAtWork, expected) => {
    const of = account(changes);
    expect(balanceOf(of, imbalancesOf(of), isAtWork)).toBe(expected);
  });
});
