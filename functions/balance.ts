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
  const { received, rejected, landed, published, covered, lost, erased } = account;
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
    {
      equation: 'topic',
      by: landed - published - erased,
      says: `topic ${published} is not landing ${landed}${erased === 0 ? '' : ` - erased ${erased}`}`,
    },
    // What is covered is stored, dead or expired.
    {
      equation: 'stream',
      by: published - covered - lost,
      says: `stream ${covered}${lost > 0 ? ` + lost ${lost}` : ''} is not topic ${published}`,
    },
  ];
  return equations.filter(({ by }) => by !== 0);
}

/** `lost` holds in every equation, but some of its records are gone and somebody has accepted that. */
export type Balance = 'balanced' | 'lost' | 'under way' | 'unbalanced';

/** A run that is at work has pages, rows and offsets still to come; nothing else about it may be amiss. */
export function balanceOf(
  { lost }: Pick<Account, 'lost'>,
  imbalances: readonly Imbalance[],
  isAtWork: boolean,
): Balance {
  if (imbalances.length === 0) return lost > 0 ? 'lost' : 'balanced';
  const mends = imbalances.every(({ equation, by }) => equation !== 'landing' && by > 0);
  return isAtWork && mends ? 'under way' : 'unbalanced';
}
