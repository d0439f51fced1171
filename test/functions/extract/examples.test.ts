import { describe, expect, it } from 'vitest';
import examples from '../../../streaming/pipelines/random-users/examples.json' with { type: 'json' };
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { projectorOf } from '../../../streaming/projection.ts';

describe('An example of random-users', () => {
  it.each(examples)('$says: the record is what the definition takes of the answer', ({ raw, record }) => {
    expect(projectorOf(randomUsers)(raw)).toEqual({ ok: true, record });
  });
});
