import type { Account } from './ports.ts';

/** Between which nouns an account does not hold: `run` is one whose pages have not all landed. */
export type Equation = 'run' | 'landing' | 'topic' | 'stream';

/** An equation of the path that does not hold, and by how much: negative where there is more than there should be. */
export interface Imbalance {
  readonly equation: Equation;
  readonly by: number;
  readonly says: string;
}

/** What does not hold of a run's account, in path order; empty when everything is where it should be. */
export function imbalancesOf(account: Account): readonly Imbalance[] {
  const { received, rejected, landed, published, covered } = account;
  const equations: readonly Imbalance[] = [
    {
      equation: 'run',
      by: account.closed ? 0 : 1,
      says: 'the run is not closed: pages of its plan have not landed',
    },
    {
      equation: 'landing',
      by: received - landed - rejected,
      says: `source ${received} is not landing ${landed} + rejected ${rejected}`,
    },
    { equation: 'topic', by: landed - published, says: `topic ${published} is not landing ${landed}` },
    // What is covered is stored, dead or expired.
    { equation: 'stream', by: published - covered, says: `stream ${covered} is not topic ${published}` },
  ];
  return equations.filter(({ by }) => by !== 0);
}

export type Balance = 'balanced' | 'under way' | 'unbalanced';

/** A run that is at work has pages, rows and offsets still to come; nothing else about it may be amiss. */
export function balanceOf(imbalances: readonly Imbalance[], isAtWork: boolean): Balance {
  if (imbalances.length === 0) return 'balanced';
  const mends = imbalances.every(({ equation, by }) => equation !== 'landing' && by > 0);
  return isAtWork && mends ? 'under way' : 'unbalanced';
}
