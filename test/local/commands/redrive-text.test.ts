import { describe, expect, it } from 'vitest';
import type { Account } from '../../../functions/ports.ts';
import type { Again } from '../../../functions/redrive/again.ts';
import type { RedriveAnswer, RedrivePreview } from '../../../functions/redrive/redrive.ts';
import { accountLine, answerLines, isComplete, previewLines } from '../../../local/commands/redrive-text.ts';

const letter = { identity: '17', run: 'r', at: 'source' as const, reason: 'missing', field: 'email', attempts: 2 };
const preview = (again: Again, at: 'source' | 'stream' = 'source'): RedrivePreview => ({
  ...{ dryRun: true, stream: 'running', letters: 1 },
  found: [{ at, reason: 'missing', count: 1, foreign: 0 }],
  sample: [{ ...letter, at, payload: { email: 'somebody@example.com' }, again }],
});
const row: Again = { do: 'land', row: { origin: 17, version: 17, payload: {} } };
const answer: RedriveAnswer = {
  ...{ dryRun: false, run: 'redrive:a', stream: 'running', cursor: null, done: true },
  ...{ received: 9, landed: 7, rejected: 2, refused: {} },
};

describe('A dry run is shown', () => {
  it.each<[string, Again, 'source' | 'stream', RegExp]>([
    ['what would land', row, 'source', /│ land +│/],
    ['what the stream would judge', row, 'stream', /land, and be judged by the stream/],
    ['what would die again', { do: 'die', reason: 'bad_uuid', field: 'id' }, 'source', /die again of bad_uuid \(id\)/],
    ['what would stay', { do: 'refuse', because: 'foreign' }, 'stream', /stay: not a message of our relay/],
  ])('with %s', (_, again, at, says) => {
    expect(previewLines('a-pipeline', preview(again, at)).join('\n')).toMatch(says);
  });

  it('without what the letters hold', () => {
    expect(previewLines('a-pipeline', preview(row)).join('\n')).not.toContain('example.com');
  });

  it('as nothing when nothing fits', () => {
    const nothing = { ...preview(row), letters: 0, found: [], sample: [] };
    expect(previewLines('a-pipeline', nothing)).toEqual(['a-pipeline: no dead letter fits.']);
  });
});

describe('A redrive says', () => {
  it.each<[string, Partial<RedriveAnswer>, RegExp]>([
    ['what landed and what did not', {}, /^redrive:a: 7 landed, 2 died again at the source$/],
    ['what stays, and why', { refused: { not_kept: 3 } }, /^ {2}3 stay as they are: what the source said/m],
    ['that the stream is stopped', { stream: 'stopped' }, /is stopped: what lands waits safely/],
    ['that the stream has lost offsets', { stream: 'data_loss' }, /has lost offsets/],
  ])('%s', (_, change, says) => expect(answerLines({ ...answer, ...change }).join('\n')).toMatch(says));

  it('its account', () => {
    const counts = { received: 9, landed: 7, rejected: 2, published: 7, stored: 6, dead: 1, expired: 0 };
    expect(accountLine(counts as Account)).toBe(
      '  received 9 = landed 7 + died at the source 2; published 7: stored 6, dead 1, expired 0',
    );
  });
});

it.each([
  [true, 0, 0, true],
  [false, 0, 0, false],
  [true, 1, 0, false],
  [true, 0, 1, false],
])('A run that is closed: %s, with %i pending and %i in flight, is complete: %s', (closed, pending, in_flight, is) => {
  expect(isComplete({ closed, pending, in_flight } as Account)).toBe(is);
});
