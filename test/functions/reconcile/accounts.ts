import type { Account } from '../../../functions/ports.ts';

/** A run of 100 records, of which everything is told. */
export const account = (changes: Partial<Account> = {}): Account => ({
  pipeline: 'random-users',
  run: '2026-11-24T17:00:00Z',
  source: 'live',
  requested: 100,
  closed: true,
  received: 100,
  short: 0,
  rejected: 4,
  landed: 96,
  published: 96,
  pending: 0,
  covered: 96,
  dead: 3,
  expired: 1,
  stored: 92,
  in_flight: 0,
  lost: 0,
  erased: 0,
  ...changes,
});
