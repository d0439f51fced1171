import type { ReconcileAnswer } from '../../../functions/reconcile/reconcile.ts';
import type { Tally } from '../../../functions/reconcile/tally.ts';

export const tally = (changes: Partial<Tally> = {}): Tally => ({
  ...{ runs: 1, balanced: 1, lossy: 0, underWay: 0, unbalanced: 0, missing: 0 },
  ...{ received: 10, rejected: 1, landed: 9, published: 9, stored: 8, dead: 1, expired: 0, lost: 0, erased: 0 },
  ...changes,
});

export const answer = (changes: Partial<ReconcileAnswer> = {}): ReconcileAnswer => ({
  pipeline: 'random-users',
  from: '2026-11-24T15:00:00.000Z',
  until: '2026-11-24T17:00:00.000Z',
  done: true,
  cursor: null,
  totals: tally(),
  hours: [{ hour: '2026-11-24T15:00:00Z', ...tally() }],
  runs: [],
  missing: [],
  ...changes,
});
