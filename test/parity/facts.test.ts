import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differencesOf, type Line, linesOf, problemsOf } from './facts.ts';

const why = 'because this is how a test says it';
const line = (id: string, ...facts: string[]): Line => ({ id, facts, why });
const here = new Map([
  ['topic/a.v1/partitions', '3'],
  ['topic/a.v1/replication', '1'],
  ['table/rows/ttl', '0'],
]);

describe('What differs between here and AWS', () => {
  it.each([
    ['nothing of the same facts', here, [...here], []],
    ['a fact of another value', here, [...here, ['table/rows/ttl', '60']], ['table/rows/ttl 0 60']],
    [
      'a fact that only AWS has',
      here,
      [...here, ['env/relay/TOPIC_BROKERS', 'set']],
      ['env/relay/TOPIC_BROKERS - set'],
    ],
    ['a fact that AWS lacks', here, [...here].slice(1), ['topic/a.v1/partitions 3 -']],
  ] as const)('is %s', (_, one, other, expected) => {
    const found = differencesOf(one, new Map(other as readonly [string, string][]));
    expect(found.map(({ fact, here, onAws }) => `${fact} ${here} ${onAws}`)).toEqual(expected);
  });

  it.each([
    ['a line about it', [line('copies', 'topic/*/replication')], []],
    ['a line about the fact itself', [line('copies', 'topic/a.v1/replication')], []],
    ['no line', [], ['no line explains topic/a.v1/replication: 1 here, 2 on AWS']],
    [
      'a line about something else',
      [line('copies', 'topic/*/replication'), line('ttl', 'table/*/ttl')],
      ['ttl: nothing differs in table/*/ttl'],
    ],
    [
      'a line that is about more than differs',
      [line('copies', 'topic/*/replication', 'topic/*/partitions')],
      ['copies: nothing differs in topic/*/partitions'],
    ],
    [
      'a line whose star would have to stand for two parts',
      [line('copies', 'topic/*')],
      ['no line explains topic/a.v1/replication: 1 here, 2 on AWS', 'copies: nothing differs in topic/*'],
    ],
    [
      'a line without a reason',
      [{ ...line('copies', 'topic/*/replication'), why: 'so' }],
      ['copies: expected a reason, got "so"'],
    ],
  ])('and is met by %s', (_, lines, problems) => {
    const differences = [{ fact: 'topic/a.v1/replication', here: '1', onAws: '2' }];
    expect(problemsOf(differences, lines)).toEqual(problems);
  });

  it('is written in docs/parity.md, every line with an id of its own and a reason', () => {
    const lines = linesOf(readFileSync('docs/parity.md', 'utf8'));
    expect(lines.length).toBeGreaterThan(5);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    for (const { id, facts, why: reason } of lines) {
      expect(id).toMatch(/^[a-z-]+$/);
      expect(facts.length, id).toBeGreaterThan(0);
      expect(reason.length, id).toBeGreaterThanOrEqual(20);
    }
  });
});
