import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { peopleOf } from '../source-server/people.ts';
import { startSourceServer } from '../source-server/server.ts';
import { planProblems, writePlans } from '../streaming/job/plan-problems.ts';
import { instants, once, openPath, pipeline } from './path.ts';

const nextInstant = instants('2026-04-01T00:00:00Z');

it('No write of the running job hands rows to Python or moves them between partitions', {
  timeout: 900_000,
}, async () => {
  const path = await openPath();
  const server = await startSourceServer({
    people: peopleOf('plans').slice(0, 300),
    planted: new Map([[7, 'addressWithoutAt']]),
  });
  const { verdict } = await once(path, nextInstant(), server.url, 300);
  expect(verdict).toMatchObject({ verdict: 'balanced', dead: 1 });
  await server.stop();
  await path.close();

  // Spark tells of what it did afterwards.
  const writes = await vi.waitFor(
    () => {
      const text = readFileSync(join(path.data, 'plans.txt'), 'utf8');
      const found = writePlans(text);
      const appends = found.filter(({ action }) => action === 'append');
      expect(appends.length).toBeGreaterThanOrEqual(Object.keys(pipeline.tables).length);
      expect(found.some(({ action }) => action === 'command')).toBe(true);
      expect(found.some(({ action, plan }) => action === 'localCheckpoint' && plan.includes('from_avro'))).toBe(true);
      // The one small count per partition does shuffle, which shows that the search finds such a thing.
      expect(planProblems(text)).toContain('Exchange');
      return found;
    },
    { timeout: 60_000, interval: 500 },
  );
  expect(writes.flatMap(({ plan }) => planProblems(plan))).toEqual([]);
});
