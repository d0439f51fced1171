import type { Price } from '../prices.ts';

/** One line of the bill: so much of something, at a price. */
export interface CostLine {
  readonly part: Part;
  readonly what: string;
  readonly quantity: number;
  readonly price: Price;
  readonly usd: number;
}

export const parts = [
  'network',
  'landing',
  'topic',
  'stream',
  'table',
  'functions',
  'orchestration',
  'observe',
] as const;
export type Part = (typeof parts)[number];

/** What an account has for nothing is taken off; the rest costs. */
export function line(part: Part, what: string, quantity: number, price: Price): CostLine {
  return { part, what, quantity, price, usd: Math.max(0, quantity - (price.free ?? 0)) * price.usd };
}

export const totalOf = (lines: readonly CostLine[]) => lines.reduce((sum, { usd }) => sum + usd, 0);
