import Table from 'cli-table3';

export type Row = Readonly<Record<string, unknown>>;

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

/** Rows as a person or, with `json`, as a program reads them: one JSON object a line. */
export function printRows(rows: readonly Row[], json: boolean): void {
  if (json) for (const row of rows) console.log(JSON.stringify(row));
  else console.log(rows.length === 0 ? 'No rows.' : tableOf(rows));
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
