import { describe, expect, it } from 'vitest';
import { boolean, double, type Field, int, long, text, timestamp, uuid } from '../../streaming/fields.ts';
import { convert } from '../../streaming/values.ts';

const id = 'c3d1f0e2-3b52-4b7a-9b43-7a1f2b6d9e10';
const short = text('x').max(6);

describe('A value of the source becomes', () => {
  it.each<[string, Field, unknown, string | number | boolean]>([
    ['a key in lower case', uuid('x'), id.toUpperCase(), id],
    ['a text', text('x'), 'Zoë', 'Zoë'],
    ['a text that is empty', text('x'), '', ''],
    ['a text of just the bytes allowed', short, 'ééé', 'ééé'],
    ['the text of a number', text('x'), 2611, '2611'],
    ['the least int', int('x'), -2_147_483_648, -2_147_483_648],
    ['the greatest int', int('x'), 2_147_483_647, 2_147_483_647],
    ['the least long', long('x'), -(2 ** 52), -(2 ** 52)],
    ['the greatest long', long('x'), 2 ** 53 - 2, 2 ** 53 - 2],
    ['a double', double('x'), -0.5, -0.5],
    ['a boolean', boolean('x'), false, false],
    ['a moment by its number', timestamp('x'), 0, 0],
    ['the first moment', timestamp('x'), '0001-01-01T00:00:00Z', -62_135_596_800_000],
    ['the last moment', timestamp('x'), '9999-12-31T23:59:59.999Z', 253_402_300_799_999],
    ['a leap day', timestamp('x'), '2024-02-29T00:00:00Z', 1_709_164_800_000],
    ['a moment of another zone', timestamp('x'), '2024-01-31T23:00:00-01:00', 1_706_745_600_000],
  ])('%s', (_, field, value, expected) => {
    expect(convert(field, value)).toEqual({ ok: true, value: expected });
  });
});

describe('A value of the source is refused', () => {
  it.each<[string, Field, unknown, string]>([
    ['when a uuid is no text', uuid('x'), 5, 'wrong_type'],
    ['when a uuid is none', uuid('x'), `${id}0`, 'bad_uuid'],
    ['when a text is a list', text('x'), ['a'], 'wrong_type'],
    ['when a text is a number without end', text('x'), Number.POSITIVE_INFINITY, 'wrong_type'],
    ['when a key is empty', text('x').key(), '', 'missing_key'],
    ['when a text has a byte too many', short, 'éééa', 'too_long'],
    ['when a text holds NUL', text('x'), 'a\0', 'bad_text'],
    ['when a text holds half a character', text('x'), 'a\ud800', 'bad_text'],
    ['when an int is a text', int('x'), '5', 'wrong_type'],
    ['when an int is a fraction', int('x'), 0.5, 'wrong_type'],
    ['when an int is too small', int('x'), -2_147_483_649, 'out_of_range'],
    ['when an int is too great', int('x'), 2_147_483_648, 'out_of_range'],
    ['when a long is a text', long('x'), '5', 'wrong_type'],
    ['when a long is a fraction', long('x'), 0.5, 'wrong_type'],
    ['when a long is too small', long('x'), -(2 ** 52) - 1, 'out_of_range'],
    ['when a long is too great', long('x'), 2 ** 53 - 1, 'out_of_range'],
    ['when a double is a text', double('x'), '0.5', 'wrong_type'],
    ['when a double is no number', double('x'), Number.NaN, 'wrong_type'],
    ['when a boolean is a text', boolean('x'), 'true', 'wrong_type'],
    ['when a moment is neither text nor number', timestamp('x'), true, 'wrong_type'],
    ['when a moment has no zone', timestamp('x'), '2024-01-01T00:00:00', 'bad_timestamp'],
    ['when a moment lies between two milliseconds', timestamp('x'), 0.5, 'bad_timestamp'],
    ['when a moment is of no month', timestamp('x'), '2024-00-10T00:00:00Z', 'bad_timestamp'],
    ['when a moment is of a thirteenth month', timestamp('x'), '2024-13-10T00:00:00Z', 'bad_timestamp'],
    ['when a moment is of no day', timestamp('x'), '2024-01-00T00:00:00Z', 'bad_timestamp'],
    ['when a moment is of a day that its month lacks', timestamp('x'), '2023-02-29T00:00:00Z', 'bad_timestamp'],
    ['when a moment is of the year 0', timestamp('x'), -62_135_596_800_001, 'out_of_range'],
    ['when a moment is of the year 10,000', timestamp('x'), 253_402_300_800_000, 'out_of_range'],
  ])('%s', (_, field, value, reason) => {
    expect(convert(field, value)).toEqual({ ok: false, reason });
  });
});
