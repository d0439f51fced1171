import { describe, expect, it } from 'vitest';
import { refuseName } from '../../../../local/scaffold/write/folder.ts';
import { pipelines } from '../../../../streaming/pipelines/index.ts';
import { root } from '../../../checkout.ts';

describe('A name is refused', () => {
  it.each([
    ['that is illegal', 'Bad_Name', /name: expected lower-case words .*such as bad-name/],
    ['that a pipeline has', 'random-users', /expected a name that no pipeline has.*Nothing is overwritten/],
    [
      'whose tables a pipeline has',
      'users',
      /expected tables of its own \(users, users_by_day\), got one that random-users has/,
    ],
  ])('%s', (_what, name, message) => {
    expect(() => refuseName(root, name, pipelines)).toThrow(message);
  });

  it('that a folder has, listed or not', () => {
    expect(() => refuseName(root, 'random-users', [])).toThrow(/expected a name that no pipeline has/);
  });

  it('only then', () => {
    expect(() => refuseName(root, 'things', pipelines)).not.toThrow();
  });
});
