import { describe, expect, it } from 'vitest';
import { moment } from '../../../local/commands/letter-filter.ts';

describe('A time on the command line', () => {
  it.each([
    ['2026-11-24', '2026-11-24T00:00:00.000Z'],
    ['2026-11-24T17:00Z', '2026-11-24T17:00:00.000Z'],
    ['2026-11-24T18:00:00.5+01:00', '2026-11-24T17:00:00.500Z'],
  ])('%s is %s', (text, expected) => expect(moment(text)).toBe(expected));

  it.each(['yesterday', '2026-11-24T17:00:00', '2026-13-01', '24.11.2026', ''])('%j is none', (text) => {
    expect(() => moment(text)).toThrow('expected a day or a time with its zone');
  });
});
