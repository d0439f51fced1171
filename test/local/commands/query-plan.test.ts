import { describe, expect, it } from 'vitest';
import { planQuery } from '../../../local/commands/query-plan.ts';
import { earthquakes } from '../../../streaming/pipelines/earthquakes/pipeline.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';

const now = new Date('2026-02-10T00:00:00Z');
const plan = (table: string, given: Record<string, string>) => planQuery(randomUsers, table, given, now);

describe('A query', () => {
  it('reads one partition by its whole key, never allowing a scan', () => {
    const { cql, partitions } = plan('users_by_country', { country: 'Norway', month: '2017-10' });
    expect(cql).toMatch(
      /^SELECT country, month, registered, user_id, .* FROM users_by_country WHERE country = \? AND month = \? LIMIT \?$/,
    );
    expect([...partitions]).toEqual([['Norway', '2017-10']]);
  });

  it('walks the months from the newest back when none is given', () => {
    const partitions = [...plan('users_by_country', { country: 'Norway' }).partitions];
    expect(partitions.slice(0, 3)).toEqual([
      ['Norway', '2026-02'],
      ['Norway', '2026-01'],
      ['Norway', '2025-12'],
    ]);
    expect(partitions.at(-1)).toEqual(['Norway', '2000-01']);
  });

  it('walks the days of versions back only as far as rows live', () => {
    const { partitions } = planQuery(earthquakes, 'quake_revisions', {}, now);
    const days = [...partitions].flat();
    expect([days[0], days[1], days.at(-1)]).toEqual(['2026-02-10', '2026-02-09', '2025-02-10']);
  });

  it.each([
    ['without the key it needs', 'users_by_country', {}, /read by country, month: missing --country/],
    [
      'by a column that is not in the partition key',
      'users',
      { user_id: 'x', gender: 'f' },
      /read by user_id only, got --gender/,
    ],
  ])('%s is refused', (_, table, given, message) => {
    expect(() => plan(table, given as Record<string, string>)).toThrow(message);
  });
});
