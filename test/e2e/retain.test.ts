import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RetainAnswer } from '../../functions/retain/retain.ts';
import { jsonLines, run } from './command.ts';
import { openPath, type Path } from './path.ts';

const dayAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
const limitMs = 5 * 60_000;

describe('npm run retain, on a platform that runs', () => {
  let path: Path;
  /** One that holds nothing, and one with a row that nobody knows of, of a pipeline that the relay does not serve. */
  const [empty, owed] = [dayAgo(20), dayAgo(19)];

  beforeAll(async () => {
    path = await openPath();
    for (const day of [empty, owed]) await path.database.query('select ready_landing_days($1, 1)', [day]);
    await path.database.query(
      `insert into landing (pipeline, run, seq, origin, version, payload, landed_on)
       values ('nobody-s', 'a', nextval('landing_seq'), 1, 1, '{}', $1)`,
      [owed],
    );
  });
  afterAll(async () => {
    await path?.database.query(`drop table if exists landing_${owed.replaceAll('-', '_')}`);
    await path?.close();
  });

  const retain = async (options = '') => {
    const { code, out, err } = await run(`npm run retain -- --data ${path.data} ${options}`.trim());
    return { code, out: out + err, answer: jsonLines<RetainAnswer>(out)[0] };
  };
  const verdictOf = (answer: RetainAnswer | undefined, of: string) =>
    answer?.days.find(({ day }) => day === of)?.verdict;

  it(
    'says what is due and what is not in the tables, and changes nothing',
    async () => {
      const { code, out } = await retain();
      expect(out).toMatch(new RegExp(`${empty}.* due`));
      expect(out).toMatch(new RegExp(`${owed}.* kept: not all of it is in the tables`));
      expect(out).toMatch(/Nothing was changed. To drop what is due, 0 rows: the same with --yes/);
      expect(code).toBe(1);
      expect(verdictOf((await retain('--json')).answer, empty)).toBe('due');
    },
    limitMs,
  );

  it(
    'drops with --yes what is due, keeps what is owed, and notes who did',
    async () => {
      const { code, answer } = await retain('--yes --json');
      expect([verdictOf(answer, empty), verdictOf(answer, owed)]).toEqual(['dropped', 'owed']);
      expect(code).toBe(1);
      const { rows } = await path.database.query(
        `select who, answer from operations where verb = 'retain' and asked ->> 'day' = $1`,
        [empty],
      );
      expect(rows).toEqual([{ who: expect.stringMatching(/^\w+/), answer: { rows: 0 } }]);
      expect(verdictOf((await retain('--json')).answer, empty)).toBeUndefined();
    },
    limitMs,
  );
});
