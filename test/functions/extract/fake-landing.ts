import type { Landing, PageToLand, RunPlan } from '../../../functions/ports.ts';

interface Run extends RunPlan {
  closed: boolean;
  readonly landedPages: Map<number, PageToLand>;
}

/** Landing in memory, with the port's promises: one plan per run, one page per marker. */
export function fakeLanding() {
  const runs = new Map<string, Run>();
  const load = { uncovered: 0, receivedLive: 0, atWork: 0 };
  const runOf = (run: string) => runs.get(run) as Run;

  const landing: Landing = {
    async openRun(_pipeline, run, _instant, plan) {
      const created = !runs.has(run);
      if (created) runs.set(run, { ...plan, closed: false, landedPages: new Map() });
      const { landedPages, ...stored } = runOf(run);
      const lastLanded = [...landedPages.values()].some(({ last }) => last);
      return { ...stored, created, pagesLanded: [...landedPages.keys()], lastLanded };
    },
    async enter(_pipeline, places) {
      if (load.atWork >= places) return undefined;
      load.atWork += 1;
      return async () => {
        load.atWork -= 1;
      };
    },
    async landPage(page) {
      if (runOf(page.run).landedPages.has(page.page)) return 'present';
      runOf(page.run).landedPages.set(page.page, page);
      return { landed: page.rows.length, rejected: page.rejected.length };
    },
    async closeRun(_pipeline, name) {
      const run = runOf(name);
      const pages = [...run.landedPages.values()];
      run.closed = run.pages === null ? pages.some(({ last }) => last) : pages.length === run.pages;
      const sum = (count: (page: PageToLand) => number) => pages.reduce((total, page) => total + count(page), 0);
      return {
        received: sum(({ received }) => received),
        landed: sum(({ rows }) => rows.length),
        rejected: sum(({ rejected }) => rejected.length),
        pages: pages.length,
        closed: run.closed,
      };
    },
    async closedPlan(_pipeline, name) {
      const run = runs.get(name);
      return run?.closed ? run : undefined;
    },
    uncovered: async () => load.uncovered,
    receivedLive: async () => load.receivedLive,
    firstInstant: async () => null,
    closedRuns: async () => new Set(),
  };
  const pagesOf = (run: string): PageToLand[] => [...runOf(run).landedPages.values()];
  return { landing, load, pagesOf };
}
