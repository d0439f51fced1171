import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkedInstant,
  eventBridgeExpression,
  instantOf,
  instantsBetween,
  nextInstant,
  runName,
  settleExpression,
  stepMs,
} from '../../streaming/schedule.ts';

const at = (text: string) => new Date(text);

describe('The grid', () => {
  it.each([
    ['1m', '2026-11-24T17:00:59.999Z', '2026-11-24T17:00:00Z'],
    ['15m', '2026-11-24T17:14:00Z', '2026-11-24T17:00:00Z'],
    ['6h', '2026-11-24T17:00:00Z', '2026-11-24T12:00:00Z'],
    ['1d', '2026-11-24T23:59:59Z', '2026-11-24T00:00:00Z'],
    ['1m', '1969-12-31T23:59:59Z', '1969-12-31T23:59:00Z'],
  ])('of every %s has the instant of %s at %s, in UTC', (every, time, instant) => {
    expect(runName(instantOf(every, at(time)))).toBe(instant);
  });

  it('lists the instants of an interval, its start included and its end not', () => {
    const instants = instantsBetween('1m', at('2026-11-24T17:00:00Z'), at('2026-11-24T17:03:00Z'));
    expect(instants.map(runName)).toEqual(['2026-11-24T17:00:00Z', '2026-11-24T17:01:00Z', '2026-11-24T17:02:00Z']);
  });

  it('names, from any time on, the same instants one by one as in a list', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('1m', '5m', '1h', '6h', '1d'),
        fc.date({ min: at('2020-01-01'), max: at('2030-01-01'), noInvalidDate: true }),
        (every, from) => {
          const listed = instantsBetween(every, from, new Date(from.getTime() + 5 * stepMs(every)));
          const walked = [instantOf(every, from)];
          while (walked.length < 7) walked.push(nextInstant(every, walked.at(-1) as Date));
          expect(walked.map(runName)).toEqual(expect.arrayContaining(listed.map(runName)));
          expect(listed).toHaveLength(5);
        },
      ),
    );
  });

  it.each([
    ['1m', 'cron(* * * * ? *)'],
    ['15m', 'cron(0/15 * * * ? *)'],
    ['1h', 'cron(0 * * * ? *)'],
    ['6h', 'cron(0 0/6 * * ? *)'],
    ['1d', 'cron(0 0 * * ? *)'],
  ])('of every %s is %s for EventBridge', (every, expression) => {
    expect(eventBridgeExpression(every)).toBe(expression);
  });
});

describe('An instant that somebody gives', () => {
  const now = at('2026-11-24T17:30:10Z');

  it('is taken when it is on the grid and has passed', () => {
    expect(runName(checkedInstant('1m', '2026-11-24T17:30:00Z', now))).toBe('2026-11-24T17:30:00Z');
  });

  it.each([
    ['off the grid', '2026-11-24T17:00:37Z', 'instant_off_grid', /such as 2026-11-24T17:00:00Z/],
    ['in the future', '2026-11-24T17:31:00Z', 'instant_in_future', /expected one that has passed/],
    ['no instant at all', 'yesterday', 'instant_off_grid', /got "yesterday"/],
  ])('is refused when it is %s', (_, text, code, message) => {
    expect(() => checkedInstant('1m', text, now)).toThrow(
      expect.objectContaining({ code, retriable: false, message: expect.stringMatching(message) }),
    );
  });
});

describe('The times at which missed instants are looked for', () => {
  it.each([
    ['1m', '10 * * * *'],
    ['15m', '10 * * * *'],
    ['1h', '10 * * * *'],
    ['6h', '10 */6 * * *'],
    ['1d', '10 0 * * *'],
  ])('on a grid of every %s are %s', (every, expression) => {
    expect(settleExpression(every)).toBe(expression);
  });
});
