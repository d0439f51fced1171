import { describe, expect, it } from 'vitest';
import { type PartOfDay, retain } from '../../../functions/retain/retain.ts';
import type { Definition } from '../../../streaming/definition.ts';
import { measuring } from '../measuring.ts';

const now = new Date('2026-11-27T10:00:00Z');
const keeping = (name: string, landing: string) =>
  ({ name, keep: { landing, topic: '7d', tables: '365d' } }) as Definition;
const definitions = [keeping('people', '7d'), keeping('quakes', '3d')];

const part = (day: string, pipeline: string | null, owed = 0, landed = 100): PartOfDay => ({
  day: `2026-11-${day}`,
  pipeline,
  ...(pipeline === null ? { landed: null, owed: null } : { landed, owed }),
});

/** The step on days that are all there; `log` holds what it did to them. */
async function call(parts: readonly PartOfDay[], { dryRun = false, net = {} as Record<string, number> } = {}) {
  const log: string[] = [];
  const { measure, taken } = measuring();
  const days = {
    ready: async (first: Date, count: number) => {
      log.push(`ready ${first.toISOString().slice(0, 10)} ${count}`);
      return ['landing_2026_12_04'];
    },
    before: async (end: Date) => parts.filter(({ day }) => day < end.toISOString().slice(0, 10)),
    net: async () => new Map(Object.entries(net)),
    drop: async (day: string, who: string, rows: number) => void log.push(`drop ${day} ${who} ${rows}`),
  };
  const answer = await retain({ days, now, measure }, definitions, { who: 'somebody', dryRun });
  return { answer, log, taken: taken(), verdicts: answer.days.map(({ verdict }) => verdict) };
}

describe('A day of landing', () => {
  it.each<[string, readonly PartOfDay[], string, string]>([
    ['is due as many days after its end as its pipeline keeps rows', [part('23', 'quakes')], 'due', '27'],
    ['is kept until then', [part('24', 'quakes')], 'kept', '28'],
    [
      'is kept as long as the one of its pipelines that keeps longest',
      [part('23', 'quakes'), part('23', 'people')],
      'kept',
      '01',
    ],
    ['is due at the end of that', [part('19', 'quakes'), part('19', 'people')], 'due', '27'],
    [
      'is owed when a row of any pipeline is not where it should be',
      [part('19', 'quakes', 1), part('19', 'people')],
      'owed',
      '27',
    ],
    ['is no less kept for rows of a pipeline that is no more', [part('22', 'gone')], 'kept', '30'],
    ['is due then as well', [part('19', 'gone')], 'due', '27'],
    ['is due without any rows', [part('19', null)], 'due', '27'],
  ])('%s', async (_, parts, verdict, until) => {
    const { answer } = await call(parts, { dryRun: true });
    expect(answer.days).toMatchObject([{ verdict, day: parts[0]?.day }]);
    expect(answer.days[0]?.keptUntil.slice(8, 10)).toBe(until);
  });
});

describe('Retain', () => {
  const parts = [part('18', 'people', 2), part('19', 'people'), part('22', 'people'), part('27', 'people')];

  it('says of every day until today what it would do, and does nothing', async () => {
    const { log, verdicts, taken } = await call([...parts, part('28', null)], { dryRun: true });
    expect(verdicts).toEqual(['owed', 'due', 'kept', 'kept']);
    expect(log).toEqual([]);
    expect(taken).toEqual({});
  });

  it('makes the days ahead and drops what is due, and nothing else', async () => {
    const { log, answer, verdicts } = await call(parts);
    expect(log).toEqual(['ready 2026-11-27 8', 'drop 2026-11-19 somebody 100']);
    expect(verdicts).toEqual(['owed', 'dropped', 'kept']);
    expect(answer.made).toEqual(['landing_2026_12_04']);
  });

  it('measures of every pipeline the days that stay for it, and its rows in the net', async () => {
    const { taken, answer } = await call([...parts, part('17', 'quakes', 1), part('17', 'people')], {
      net: { people: 3 },
    });
    expect(taken).toEqual({ people: { OverdueDays: 1, RowsInNet: 3 }, quakes: { OverdueDays: 1, RowsInNet: 0 } });
    expect(answer.inNet).toBe(3);
  });
});
