import { expect, it } from 'vitest';
import { triesAgain } from '../../../local/aws/emr-serverless/retry.ts';
import { propertiesText, splitParameters } from '../../../local/aws/emr-serverless/spark-submit.ts';

const now = 10 * 3_600_000;
const minutesAgo = (...minutes: number[]) => minutes.map((m) => now - m * 60_000);

it.each([
  ['a batch is not, unless asked', 'BATCH', {}, minutesAgo(0), false],
  ['a batch is, below its attempts', 'BATCH', { maxAttempts: 3 }, minutesAgo(5, 0), true],
  ['a batch is not, at its attempts', 'BATCH', { maxAttempts: 3 }, minutesAgo(9, 5, 0), false],
  ['a stream is, below five failures', 'STREAMING', {}, minutesAgo(3, 2, 1, 0), true],
  ['a stream is not, at five failures', 'STREAMING', {}, minutesAgo(4, 3, 2, 1, 0), false],
  ['a stream is, when some are older than an hour', 'STREAMING', {}, minutesAgo(90, 61, 3, 2, 0), true],
  [
    'a stream is not, where one failure is the limit',
    'STREAMING',
    { maxFailedAttemptsPerHour: 1 },
    minutesAgo(0),
    false,
  ],
] as const)('after a failure, %s tried again', (_, mode, retryPolicy, failures, expected) => {
  expect(triesAgain({ mode, retryPolicy }, failures, now)).toBe(expected);
});

it.each([
  ['--conf a=b  --name x', ['--conf', 'a=b', '--name', 'x']],
  ['--conf "a=b c"', ['--conf', 'a=b c']],
  [`--conf a='b "c"'`, ['--conf', 'a=b "c"']],
  ['', []],
])('splits the parameters %j as a shell would', (text, words) => {
  expect(splitParameters(text)).toEqual(words);
});

it('keeps a property on its line whatever its value holds', () => {
  expect(propertiesText({ a: 'one\ntwo\\three' })).toBe('a=one\\ntwo\\\\three\n');
});
