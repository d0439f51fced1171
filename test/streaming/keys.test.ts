import { describe, expect, it } from 'vitest';
import type { Definition } from '../../streaming/definition.ts';
import { type Field, int, text, timestamp, uuid } from '../../streaming/fields.ts';
import { keyFieldOf, keyFromText, keyReaderOf } from '../../streaming/keys.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';

const keyed = (field: Field): Definition => ({ ...randomUsers, record: { id: field.key().pii('quasi') } });

const id = '1B4E28BA-2FA1-4D2B-883F-B9A761BDE3FB';

describe('The key of a record', () => {
  it('is the field that the definition says', () => {
    expect(keyFieldOf(randomUsers)).toBe('user_id');
  });

  it.each([
    ['a uuid, in capitals too', uuid('id'), id, id.toLowerCase()],
    ['a text as it is', text('id'), 'Ab', 'Ab'],
    ['a number that the source says for a text', text('id'), 7, '7'],
    ['a whole number', int('id'), 7, '7'],
    ['a time in any form', timestamp('id'), '1970-01-01T00:00:01Z', '1000'],
  ])('is one text for %s', (_, field, said, key) => {
    expect(keyReaderOf(keyed(field))({ id: said })).toBe(key);
  });

  it.each([
    ['a thing that is no record', 'nothing'],
    ['nothing', null],
    ['a record that was erased', {}],
    ['a key that could never have landed', { id: 'x' }],
  ])('is none of %s', (_, payload) => {
    expect(keyReaderOf(keyed(uuid('id')))(payload)).toBeUndefined();
  });

  it.each([
    ['a uuid', uuid('id'), id, id.toLowerCase()],
    ['a number', int('id'), '7', '7'],
    ['no number', int('id'), 'seven', undefined],
    ['no uuid', uuid('id'), '7', undefined],
    ['nothing', text('id'), '', undefined],
  ])('is read from what a person types: %s', (_, field, typed, key) => {
    expect(keyFromText(keyed(field), typed)).toBe(key);
  });
});
