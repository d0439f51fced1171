import { StepFailure } from '../../../local/step-client.ts';

const minute = 60_000;

/** What extract does of an instant: closes it, says it is not done yet, or fails with a code. */
export type Doing = 'closes' | 'goes on' | string;

/**
 * Settle and extract over a pipeline whose instants lie a minute apart: settle lists five open ones at a time, extract
 * does what the list says for each of an instant's calls, and then closes it.
 */
export function playedSteps(open: readonly string[], plans: Readonly<Record<string, readonly Doing[]>> = {}) {
  const closed = new Set<string>();
  const calls: string[] = [];
  const listed: object[] = [];
  const busy = { now: 0, most: 0 };
  const settle = (event: { from: string; to: string }) => {
    listed.push(event);
    const names = open.filter((run) => !closed.has(run) && inside(run, event));
    return { instants: names.slice(0, 5), more: Math.max(0, names.length - 5) };
  };
  const extract = async ({ instant }: { instant: string }) => {
    const doing = plans[instant]?.[calls.filter((call) => call === instant).length] ?? 'closes';
    calls.push(instant);
    busy.now += 1;
    busy.most = Math.max(busy.most, busy.now);
    await new Promise(setImmediate);
    busy.now -= 1;
    if (doing === 'closes') closed.add(instant);
    else if (doing !== 'goes on') throw new StepFailure('extract', doing, `${instant} ${doing}`);
    return { closed: doing === 'closes' };
  };
  const call = async <A>(step: string, event: object): Promise<A> =>
    (step === 'settle' ? settle(event as never) : await extract(event as never)) as A;
  return { steps: { call }, calls, closed, listed, busy };
}

const inside = (run: string, { from, to }: { from: string; to: string }) =>
  Date.parse(run) >= Date.parse(from) && Date.parse(run) < Date.parse(to);

/** Names of so many instants in a row. */
export const minutes = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => {
    const ms = Date.parse('2026-11-24T15:00:00Z') + index * minute;
    return `${new Date(ms).toISOString().slice(0, 19)}Z`;
  });
