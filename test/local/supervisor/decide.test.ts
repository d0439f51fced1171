import { describe, expect, it } from 'vitest';
import { afterExit, startOrder, verdict } from '../../../local/supervisor/decide.ts';

const node = (name: string, ...dependsOn: string[]) => ({ name, dependsOn });

describe('startOrder', () => {
  it.each([
    ['keeps the order given when nobody depends on anybody', [node('a'), node('b')], ['a', 'b']],
    ['puts a dependency before who needs it', [node('a', 'b'), node('b')], ['b', 'a']],
    ['follows a chain', [node('a', 'b'), node('b', 'c'), node('c')], ['c', 'b', 'a']],
    ['joins a diamond', [node('d', 'b', 'c'), node('b', 'a'), node('c', 'a'), node('a')], ['a', 'b', 'c', 'd']],
    ['is content with nothing', [], []],
  ])('%s', (_, services, expected) => {
    expect(startOrder(services).map(({ name }) => name)).toEqual(expected);
  });

  it('names a dependency that does not exist', () => {
    expect(() => startOrder([node('a', 'x')])).toThrow('Service a depends on x, which is not among a.');
  });

  it('names those who wait in a circle', () => {
    expect(() => startOrder([node('a', 'b'), node('b', 'a'), node('c')])).toThrow('in a circle: a, b.');
  });
});

describe('verdict', () => {
  const look = { wanted: 'up', process: 'runs', answers: false, isOverdue: false } as const;

  it.each([
    ['healthy when it answers', { answers: true }, 'healthy'],
    ['healthy when it answers late', { answers: true, isOverdue: true }, 'healthy'],
    ['worth waiting for while it may be silent', {}, 'wait'],
    ['silent when it was silent for too long', { isOverdue: true }, 'silent'],
    ['gone when its process is', { process: 'gone' }, 'gone'],
    ['gone even if something answers in its place', { process: 'gone', answers: true }, 'gone'],
    ['unwanted, however it is', { wanted: 'down', answers: true }, 'unwanted'],
    ['unwanted when it is gone', { wanted: 'down', process: 'gone', isOverdue: true }, 'unwanted'],
  ] as const)('calls a server %s', (_, change, expected) => {
    expect(verdict({ ...look, ...change })).toBe(expected);
  });
});

describe('afterExit', () => {
  const seconds = (...list: number[]) => list.map((one) => one * 1000);

  it.each([
    ['an exit that was asked for', 'down', seconds(1), { action: 'nothing' }],
    ['the first crash', 'up', seconds(100), { action: 'restart', afterMs: 1000 }],
    ['the second crash soon after', 'up', seconds(100, 110), { action: 'restart', afterMs: 2000 }],
    ['the fifth crash within two minutes', 'up', seconds(1, 2, 3, 4, 5), { action: 'restart', afterMs: 16_000 }],
    ['a crash long after five others', 'up', seconds(1, 2, 3, 4, 5, 500), { action: 'restart', afterMs: 1000 }],
  ] as const)('answers %s', (_, wanted, crashes, expected) => {
    expect(afterExit({ wanted, crashes })).toEqual(expected);
  });

  it('gives up at the sixth crash within two minutes', () => {
    expect(afterExit({ wanted: 'up', crashes: seconds(1, 2, 3, 4, 5, 119) })).toEqual({
      action: 'give-up',
      because: 'it crashed 6 times within 120 s',
    });
  });
});
