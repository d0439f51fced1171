import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../../local/scaffold/infer/fields.ts';
import { keyCandidates, keyNamed, noKey } from '../../../../local/scaffold/infer/key.ts';
import { timeCandidates, timeNamed } from '../../../../local/scaffold/infer/time.ts';

const sampled = (...records: readonly object[]) => fieldsOf(records, { text: [], skip: [] });
const fields = (...records: readonly object[]) => sampled(...records).fields;
const candidates = (...records: readonly object[]) =>
  keyCandidates(fields(...records)).map(({ field, isLikely }) => `${field.path}${isLikely ? '' : '?'}`);

describe('The key', () => {
  it.each([
    [
      'is called id',
      [
        { title: 'a', id: 1 },
        { title: 'b', id: 2 },
      ],
      ['id', 'title?'],
    ],
    ['is nearest to the root', [{ login: { uuid: 'a' }, id: 'x' }], ['id', 'login.uuid']],
    ['may end in id', [{ station_id: '1' }, { station_id: '2' }], ['station_id']],
    ['is not a measurement that happens to differ', [{ bikes: 1 }, { bikes: 2 }], []],
    ['is not one that repeats', [{ id: 1 }, { id: 1 }], []],
    ['is not one that is missing somewhere', [{ id: 1, a: 'x' }, { a: 'y' }], ['a?']],
    ['is not one that is empty somewhere', [{ id: '' }, { id: 'x' }], []],
    ['is not longer than a key may be', [{ id: 'x'.repeat(257) }], []],
    ['is not a number with a fraction', [{ id: 1.5 }], []],
  ])('%s', (_what, records, found) => {
    expect(candidates(...records)).toEqual(found);
  });

  const sample = sampled(
    { id: 1, code: 'a', tags: ['x'], lines: [{ id: 1 }], mag: 1.5, when: '2026-11-27T15:00:00Z' },
    { id: 1, code: 'b', tags: ['x'], mag: 2.5 },
  );
  it.each([
    ['id', /--key id: .*not unique: 1 of 2 records repeat another's\. Unique here: code; choose with --key\./],
    ['tags', /--key tags: .*is a list, and a key is one of uuid, text, int, long/],
    ['mag', /--key mag: .*is a double/],
    ['when', /--key when: .*is a timestamp/],
    ['nowhere', /--key: expected a field of the record \(id, code, tags, mag, when\), got nowhere/],
  ])('cannot be %s, and why', (path, message) => {
    expect(() => keyNamed(sample, path)).toThrow(message);
  });

  it('that nothing can be is refused with what comes near', () => {
    expect(noKey(fields({ id: 1 }, { id: 1 })).message).toMatch(
      /got none \(id is not unique: 1 of 2 records repeat another's\)\. No field of this sample could be/,
    );
  });
});

describe('The time', () => {
  const sample = sampled({
    id: 1,
    created: '2026-11-27T15:00:00Z',
    last_reported: 1795790929,
    time: '2026-11-27T15:00:00Z',
    gone: null,
  });
  it('is the one that says when the record changed, before one that never changes', () => {
    expect(timeCandidates(sample.fields).map(({ field, kind }) => [field.path, kind])).toEqual([
      ['last_reported', 'changes'],
      ['created', 'fixed'],
    ]);
  });

  it.each([
    ['last_reported', 'changes'],
    ['time', 'fixed'],
  ])('may be named: %s %s', (path, kind) => {
    expect(timeNamed(sample, path).kind).toBe(kind);
  });

  it.each([
    ['id', /--time id: expected a timestamp that every record has, got long/],
    ['nowhere', /--time: expected a field of the record/],
  ])('cannot be %s, and why', (path, message) => {
    expect(() => timeNamed(sample, path)).toThrow(message);
  });

  it('must be there in every record', () => {
    const some = sampled({ updated: '2026-11-27T15:00:00Z' }, {});
    expect(timeCandidates(some.fields)).toEqual([]);
    expect(() => timeNamed(some, 'updated')).toThrow(/got missing in 1 records/);
  });
});
