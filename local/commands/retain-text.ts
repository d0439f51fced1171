import type { Day, DayVerdict, RetainAnswer } from '../../functions/retain/retain.ts';
import { tableOf } from './rows.ts';

const verdicts: Readonly<Record<DayVerdict, string>> = {
  kept: 'kept',
  owed: 'kept: not all of it is in the tables',
  due: 'due',
  dropped: 'dropped',
};

const rowOf = ({ day, rows, owed, keptUntil, verdict }: Day) => ({
  day,
  rows,
  covered: Math.max(0, rows - owed),
  'kept until': keptUntil.slice(0, 10),
  verdict: verdicts[verdict],
});

/** A line for every day, and below them what is to be said of the days, and of rows that have none. */
export function dayLines({ days, made, inNet }: RetainAnswer): readonly string[] {
  return [
    days.length === 0 ? 'No day of landing is old enough.' : tableOf(days.map(rowOf)),
    ...(made.length === 0 ? [] : [`Made ahead: ${made.join(', ')}.`]),
    ...(days.some(({ verdict }) => verdict === 'owed')
      ? ['What is not in the tables, and where it stopped: npm run reconcile -- --from <day>']
      : []),
    ...(inNet === 0 ? [] : [`${inNet} rows landed on days that nobody had made ready: safe, but never dropped.`]),
  ];
}

/** How many days are due, and how many rows they hold. */
export function due({ days }: RetainAnswer): { readonly days: number; readonly rows: number } {
  const found = days.filter(({ verdict }) => verdict === 'due');
  return { days: found.length, rows: found.reduce((sum, { rows }) => sum + rows, 0) };
}
