import type { PageToLand } from '../../../../functions/ports.ts';

/** The run that the pages are of. */
export const run = '2026-11-24T17:00:00Z';

/** A page of a hundred good records, each of its own origin, or what is changed of it. */
export function pageOf(pipeline: string, page: number, change: Partial<PageToLand> = {}): PageToLand {
  const rows = Array.from({ length: 100 }, (_, index) => {
    const origin = 1_795_540_620_000_000 + page * 100 + index;
    return { origin, version: origin + 1, payload: { name: `Zoë "${index}" \\ {}`, born: index, nobody: null } };
  });
  return {
    pipeline,
    run,
    page,
    received: rows.length,
    last: false,
    rows,
    rejected: [],
    keyOf: () => undefined,
    ...change,
  };
}
