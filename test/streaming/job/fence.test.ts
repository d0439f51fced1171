import { beforeAll, describe, expect, it } from 'vitest';
import { fenceCqlOf } from '../../../streaming/cql.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { pythonMs, runPython } from './python.ts';

describe('Before writes count', () => {
  let told: Record<string, string[]>;
  beforeAll(async () => {
    told = await runPython('fence-writes.py');
  }, pythonMs);

  it.each([
    ['a server that is durable when it acknowledges needs no fence', 'managed', ['write']],
    ['a fence follows on a server that syncs by time', 'steady', ['write', 'fence']],
    ['they are written again when the server was born anew meanwhile', 'reborn', ['write', 'fence', 'write', 'fence']],
  ])('%s', (_, server, expected) => {
    expect(told[server]).toEqual(expected);
  });
});

describe('A fence', () => {
  it('deletes as of the first microsecond, so it can hide no row', () => {
    expect(fenceCqlOf(randomUsers)).toBe(
      'DELETE FROM millrace.users USING TIMESTAMP 1 WHERE user_id = 00000000-0000-0000-0000-000000000000',
    );
  });
});
