import { describe, expect, it } from 'vitest';
import type { RecordValue } from '../../streaming/definition.ts';
import {
  boolean,
  decimal,
  double,
  type Field,
  int,
  list,
  long,
  oneOf,
  text,
  timestamp,
  uuid,
} from '../../streaming/fields.ts';
import { convert } from '../../streaming/values.ts';

const id = 'c3d1f0e2-3b52-4b7a-9b43-7a1f2b6d9e10';
const short = text('x').max(6);
const colour = oneOf('x', ['green', 'yellow']);
const seconds = timestamp('x', { unit: 's' });
const price = decimal('x', 5, 2);
const tags = list(text('x').max(3), { split: ',' });
const many = Array.from({ length: 1000 }, () => 'a');

describe('A value of the source becomes', () => {
  it.each<[string, Field, unknown, RecordValue]>([
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
    ['a moment by its seconds', seconds, 1_764_259_200, 1_764_259_200_000],
    ['a moment by seconds with a fraction', seconds, 1_764_259_200.123, 1_764_259_200_123],
    ['the millisecond of finer seconds', seconds, 1_764_259_200.123_4, 1_764_259_200_123],
    ['a moment by its text where numbers are seconds', seconds, '1970-01-01T00:00:01Z', 1000],
    ['one of a closed set', colour, 'green', 'green'],
    ['one of a closed set of numbers', oneOf('x', ['1', '2']), 2, '2'],
    ['a decimal with all its digits', price, 5.7, '5.70'],
    ['a decimal by its text', price, '5.7', '5.70'],
    ['a decimal without needless zeros', price, '005.7000', '5.70'],
    ['a decimal below 1', price, '-.5', '-0.50'],
    ['a decimal without a digit behind its point', price, '5.', '5.00'],
    ['a decimal with a sign', price, '+5', '5.00'],
    ['zero without a sign', price, '-0.00', '0.00'],
    ['a decimal with an exponent', price, '1.25e2', '125.00'],
    ['a decimal with a negative exponent', price, '1250E-3', '1.25'],
    ['the tiny number that JSON writes with an exponent', decimal('x', 9, 7), 1e-7, '0.0000001'],
    ['zero whatever its exponent', price, '0e99', '0.00'],
    ['the greatest decimal', price, 999.99, '999.99'],
    ['the least decimal', price, -999.99, '-999.99'],
    ['a decimal without a fraction', decimal('x', 3, 0), '5.0', '5'],
    ['a decimal of 38 digits', decimal('x', 38, 0), '9'.repeat(38), '9'.repeat(38)],
    ['a list', list(text('x')), ['a', ''], ['a', '']],
    ['an empty list', list(text('x')), [], []],
    ['a list, each element converted', list(price), [1, '2.5'], ['1.00', '2.50']],
    ['a list of seconds', list(seconds), [1], [1000]],
    ['the parts of a text', tags, ',us,nc,', ['us', 'nc']],
    ['no parts of an empty text', tags, '', []],
    ['a list where a text was expected to be split', tags, ['us'], ['us']],
    ['a list of the most elements', list(text('x')), many, many],
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
    ['when seconds reach beyond the year 9999', seconds, 253_402_300_800, 'out_of_range'],
    ['when seconds are a text of digits', seconds, '1764259200', 'bad_timestamp'],
    ['when it is none of a closed set', colour, 'red', 'not_allowed'],
    ['when it is one of a closed set but for case', colour, 'Green', 'not_allowed'],
    ['when one of a closed set is too long', oneOf('x', ['abcdefg']).max(6), 'abcdefg', 'too_long'],
    ['when a decimal is true', price, true, 'wrong_type'],
    ['when a decimal is no number', price, Number.NaN, 'wrong_type'],
    ['when a decimal is a word', price, 'five', 'wrong_type'],
    ['when a decimal is empty', price, '', 'wrong_type'],
    ['when a decimal is a point', price, '.', 'wrong_type'],
    ['when a decimal has a comma', price, '5,70', 'wrong_type'],
    ['when a decimal is written in another base', price, '0x5', 'wrong_type'],
    ['when a decimal has a blank', price, ' 5', 'wrong_type'],
    ['when a decimal would be rounded', price, 5.701, 'out_of_range'],
    ['when a decimal is a sum that is not exact', price, 0.1 + 0.2, 'out_of_range'],
    ['when a decimal has a digit too many', price, 1000, 'out_of_range'],
    ['when a decimal would be rounded to nothing', price, '1e-999', 'out_of_range'],
    ['when a decimal outgrows everything', price, '1e999', 'out_of_range'],
    ['when a decimal is longer than any number', price, `5.${'0'.repeat(99)}`, 'out_of_range'],
    ['when a list is a text and nobody said how to split it', list(text('x')), 'a,b', 'wrong_type'],
    ['when a list is an object', list(text('x')), { 0: 'a' }, 'wrong_type'],
    ['when an element is of another kind', list(int('x')), [1, '2'], 'wrong_type'],
    ['when an element is null', list(text('x')), ['a', null], 'wrong_type'],
    ['when an element is a list', list(text('x')), [['a']], 'wrong_type'],
    ['when an element is too long', tags, 'us,abcd', 'too_long'],
    ['when an element is none of a closed set', list(colour), ['green', 'red'], 'not_allowed'],
    ['when a list has an element too many', list(text('x')), [...many, 'a'], 'too_long'],
    ['when a moment is of the year 10,000', timestamp('x'), 253_402_300_800_000, 'out_of_range'],
  ])('%s', (_, field, value, reason) => {
    expect(convert(field, value)).toEqual({ ok: false, reason });
  });
});
