import { describe, expect, it } from 'vitest';
import { intervalOf, reconcileEvent } from '../../../functions/reconcile/event.ts';

const now = Date.parse('2026-11-24T17:00:00Z');
const at = (time: string) => new Date(`2026-11-${time}:00Z`);

describe('The interval', () => {
  it.each<[string, Date | null, { from?: Date; until?: Date }, string, string]>([
    ['is the last day', at('01T00:00'), {}, '23T17:00', '24T17:00'],
    ['starts no earlier than the pipeline', at('24T12:00'), {}, '24T12:00', '24T17:00'],
    ['is empty before prepare', null, {}, '24T17:00', '24T17:00'],
    [
      'is empty when it ends before the pipeline starts',
      at('24T12:00'),
      { until: at('24T11:00') },
      '24T11:00',
      '24T11:00',
    ],
    [
      'may start before the pipeline when somebody says so',
      at('24T12:00'),
      { from: at('01T00:00') },
      '01T00:00',
      '24T17:00',
    ],
    ['is a day before the end that is said', at('01T00:00'), { until: at('10T00:00') }, '09T00:00', '10T00:00'],
    ['never ends after now', at('24T12:00'), { until: at('30T00:00') }, '24T12:00', '24T17:00'],
  ])('%s', (_, first, said, from, until) => {
    expect(intervalOf(said, first, now)).toEqual({ from: at(from), until: at(until) });
  });

  it.each([
    ['ends before it starts', { from: at('24T12:00'), until: at('24T11:00') }],
    ['lies in the future', { from: at('25T00:00'), until: at('26T00:00') }],
  ])('that %s is refused', (_, said) => {
    expect(() => intervalOf(said, null, now)).toThrow(/expected one that starts before it ends, and not in the future/);
  });
});

describe('An event', () => {
  it.each([
    ['without a pipeline', {}],
    ['with runs and deep', { pipeline: 'p', runs: ['x'], deep: true }],
    ['with no runs at all', { pipeline: 'p', runs: [] }],
    ['with a time that is none', { pipeline: 'p', from: 'yesterday' }],
  ])('%s does not fit', (_, event) => {
    expect(reconcileEvent.safeParse(event).success).toBe(false);
  });
});
