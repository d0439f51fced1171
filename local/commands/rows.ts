import Table from 'cli-table3';
import { InvalidArgumentError } from 'commander';
import { wholeNumber } from '../options.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface RowsShown {
  /** One JSON object a line, for a program; a table for a person. */
  readonly json: boolean;
  /** Rows at most; infinite for all. */
  readonly limit: number;
}

export const defaultLimit = 1000;
/** Rows of one table: the widths of its columns follow from them. */
const tableRows = 1000;

/** An option's value: how many rows, or all. */
export function rowLimit(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY;
  try {
    return wholeNumber(text);
  } catch {
    throw new InvalidArgumentError(`expected a whole number of at least 1, or all, got ${text}`);
  }
}

/** Values as a person and JSON read them: instants in ISO 8601, ids as text, bytes in hex, large numbers exact. */
export function shown(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`;
  if (Array.isArray(value)) return value.map(shown);
  if (Object.getPrototypeOf(value) !== Object.prototype) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shown(inner)]));
}

/** Prints rows as they come, never holding more than a table of them; says when there were more than the limit. */
export async function printRows(
  rows: AsyncIterable<Row> | Iterable<Row>,
  { json, limit }: RowsShown,
  out: Pick<Console, 'log' | 'error'> = console,
): Promise<void> {
  let count = 0;
  const held: Row[] = [];
  const flush = () => {
    if (held.length > 0) out.log(tableOf(held.splice(0)));
  };
  for await (const row of rows) {
    if (count === limit) {
      flush();
      return out.error(`Cut after ${limit} rows. For more: --limit <n>, or --limit all.`);
    }
    count += 1;
    if (json) out.log(JSON.stringify(row));
    else held.push(row);
    if (held.length === tableRows) flush();
  }
  flush();
  if (count === 0 && !json) out.log('No rows.');
}

export function tableOf(rows: readonly Row[]): string {
  const head = Object.keys(rows[0] ?? {});
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(head.map((column) => cell(row[column])));
  return table.toString();
}

function cell(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
}
